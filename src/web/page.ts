import { Html, html } from './html.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }
dl { display: grid; grid-template-columns: max-content auto; gap: .2rem 1rem; } dd { margin: 0; overflow-wrap: anywhere; }
small { color: #777; overflow-wrap: anywhere; } ul.plan, ul.plan ul { list-style: none; padding-left: 1rem; margin: 0; font-size: .9rem; }
.state { border-radius: .3rem; padding: 0 .4rem; background: #8883; font-size: .8em; white-space: nowrap; }
.succeeded, .COMPLETE, .success, .True { background: #2a74; } .failed, .FATAL_ERROR, .failure, .False, .held { background: #d334; }
.progressing, .running, .IN_PROGRESS, .sending, .pending { background: #36c4; } .ERROR, .error, .waiting { background: #e904; }
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
<p><a href="/">kudo-gitops</a></p>
${body}
</body>
</html>
`.text;
}
