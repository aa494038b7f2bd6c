// Plays `kudo-gitops demo --once` and draws what its terminal showed, and when, as docs/pictures/demo.svg:
// npm run picture. The picture moves without scripts (CSS); where motion is unwanted it shows the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const PICTURE = 'docs/pictures/demo.svg';
const COLUMNS = 104;
const ROWS = 27;
const FONT_SIZE = 13;
const COLUMN_WIDTH = 7.83;
const ROW_HEIGHT = 19;
const MARGIN = 18;
const TITLE_HEIGHT = 34;
/** Nobody can read as fast as the sandbox works, nor likes to wait: seconds between two lines. */
const SLOWER = 2;
const PAUSE = { min: 0.14, max: 0.9 };
const HOLD_SECONDS = 10;

const INK = {
  plain: '#c9d1d9',
  faint: '#8b949e',
  good: '#56d364',
  bad: '#ff7b72',
  busy: '#79c0ff',
  strong: '#ffffff',
};

/** A line's colour by how it begins. */
const INK_OF = [
  [/^\$ |^\d+\. |^\s*►/, INK.strong],
  [/^\s*✔|^\s*as expected|^every verdict/, INK.good],
  [/^\s*✗/, INK.bad],
  [/^\s*◎/, INK.busy],
  [/^\s*[⇢◌·]|^starting|^stopping/, INK.faint],
];

const lines = await record();
const svg = draw(atReadingSpeed(lines));
await mkdir(dirname(PICTURE), { recursive: true });
await writeFile(PICTURE, svg);
process.stdout.write(`${PICTURE}: ${lines.length} lines, ${Math.round(svg.length / 1024)} KB\n`);

/** What was printed, with seconds since the start. */
async function record() {
  const startedAt = performance.now();
  const seen = [{ at: 0, text: '$ npm run demo -- --once' }];
  const child = spawn(process.execPath, ['dist/kudo-gitops.js', 'demo', '--once'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const text of createInterface({ input: child.stdout })) {
    seen.push({ at: (performance.now() - startedAt) / 1_000, text });
  }
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`the demo ended with ${String(child.exitCode)}`);
  return seen;
}

function atReadingSpeed(recorded) {
  let shownAt = 0;
  return recorded.map(({ at, text }, i) => {
    const pause = (at - (recorded[i - 1]?.at ?? 0)) * SLOWER;
    shownAt += Math.min(Math.max(pause, PAUSE.min), PAUSE.max);
    return { at: shownAt, text };
  });
}

function draw(recorded) {
  const end = recorded.at(-1).at + HOLD_SECONDS;
  const width = Math.ceil(COLUMNS * COLUMN_WIDTH + 2 * MARGIN);
  const screen = ROWS * ROW_HEIGHT;
  const height = TITLE_HEIGHT + screen + 2 * MARGIN;
  const percent = (at) => `${((100 * at) / end).toFixed(2)}%`;
  const shown = (count) => Math.min(count, ROWS) * ROW_HEIGHT;
  const scrolled = (count) => -Math.max(0, count - ROWS) * ROW_HEIGHT;
  const steps = (offset) =>
    recorded
      .map(({ at }, i) => `${percent(at)}{transform:translateY(${offset(i + 1)}px)}`)
      .join('');
  const count = recorded.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A terminal in which kudo-gitops demo plays a story: commits, the plans that KUDO runs for them, and their verdicts</title>
<style>
text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
#text{transform:translateY(${scrolled(count)}px);animation:text ${end.toFixed(1)}s step-end infinite}
#cover{transform:translateY(${shown(count)}px);animation:cover ${end.toFixed(1)}s step-end infinite}
@keyframes text{${steps(scrolled)}100%{transform:translateY(${scrolled(count)}px)}}
@keyframes cover{${steps(shown)}100%{transform:translateY(${shown(count)}px)}}
@media (prefers-reduced-motion:reduce){#text,#cover{animation:none}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9" fill="#0d1117" stroke="#6e7681"/>
<path d="M.5 ${TITLE_HEIGHT}v-25q0-8.5 8.5-8.5h${width - 18}q8.5 0 8.5 8.5v25z" fill="#21262d"/>
<circle cx="20" cy="17" r="5.5" fill="#ff7b72"/><circle cx="38" cy="17" r="5.5" fill="#d29922"/><circle cx="56" cy="17" r="5.5" fill="#56d364"/>
<text x="${width / 2}" y="21.5" text-anchor="middle" fill="${INK.faint}">kudo-gitops demo</text>
<clipPath id="screen"><rect x="0" y="${TITLE_HEIGHT + MARGIN - 3}" width="${width}" height="${screen + MARGIN}"/></clipPath>
<g clip-path="url(#screen)"><g transform="translate(${MARGIN} ${TITLE_HEIGHT + MARGIN})">
<g id="text">
${recorded.map(({ text }, i) => row(text, i)).join('\n')}
</g>
<rect id="cover" x="-4" y="0" width="${width - 2 * MARGIN + 8}" height="${screen + MARGIN}" fill="#0d1117"/>
</g></g>
</svg>
`;
}

function row(text, index) {
  const cut = text.length > COLUMNS ? `${text.slice(0, COLUMNS - 1)}…` : text;
  const ink = INK_OF.find(([pattern]) => pattern.test(text))?.[1] ?? INK.plain;
  const indent = (cut.length - cut.trimStart().length) * COLUMN_WIDTH;
  const y = index * ROW_HEIGHT + FONT_SIZE;
  return `<text x="${indent.toFixed(1)}" y="${y}" fill="${ink}">${escape(cut.trimStart())}</text>`;
}

function escape(text) {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
