import { Html, html } from './html.ts';

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #30363d); --faint: light-dark(#59636e, #9198a1);
  --good: light-dark(#1a7f37, #3fb950); --bad: light-dark(#cf222e, #f85149); --busy: light-dark(#0969da, #58a6ff);
  --warn: light-dark(#9a6700, #d29922); --ground: light-dark(#fff, #0d1117); --raised: light-dark(#f6f8fa, #161b22); }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; background: var(--ground); }
header { background: var(--raised); border-bottom: 1px solid var(--line); padding: .7rem 0; }
header a { font-weight: 600; color: inherit; text-decoration: none; }
header > *, main { display: block; max-width: 68rem; margin: 0 auto; padding: 0 1rem; } main { padding: .5rem 1rem 3rem; }
a { color: var(--busy); } h1 { font-size: 1.4rem; margin: 1.4rem 0 .6rem; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
.lead { overflow-wrap: anywhere; } .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; } thead { background: var(--raised); font-size: .85em; }
th { font-weight: 600; color: var(--faint); } tbody tr + tr td, thead + tbody td { border-top: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; padding: .5rem .8rem; } td.text, td small { overflow-wrap: anywhere; min-width: 12rem; }
time { white-space: nowrap; } code { font: .9em ui-monospace, monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; } dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
small { color: var(--faint); } ul.plan, ul.plan ul { list-style: none; padding-left: 1.1rem; margin: 0; } ul.plan { padding-left: 0; }
.state { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .55rem; font-size: .8rem; font-weight: 500; white-space: nowrap; color: var(--faint); }
h1 .state { font-size: .95rem; vertical-align: .15em; } .plan .state { font-size: .7rem; padding: 0 .45rem; }
.succeeded, .COMPLETE, .success, .True { color: var(--good); } .failed, .FATAL_ERROR, .failure, .False { color: var(--bad); }
.progressing, .running, .IN_PROGRESS, .sending { color: var(--busy); } .ERROR, .error, .waiting, .held, .pending { color: var(--warn); }
@media (width < 44rem) { thead { display: none; } tbody tr { display: block; padding: .4rem 0; } tbody td { display: block; padding: .1rem .8rem; }
  tbody tr td, tbody tr + tr td { border: 0; } tbody tr + tr { border-top: 1px solid var(--line); } td:empty { display: none; }
  td[data-label]::before { content: attr(data-label); color: var(--faint); font-size: .85em; } }
`;

/** A whole page. It says the same without JavaScript; while something runs it loads itself again. */
export function page(title: string, body: Html, refreshSeconds?: number): string {
  const refresh =
    refreshSeconds === undefined
      ? html``
      : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${title} · kudo-gitops</title>
${refresh}
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><a href="/">kudo-gitops</a></header>
<main>
${body}
</main>
</body>
</html>
`.text;
}
