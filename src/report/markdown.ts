/** Untrusted text as a Markdown code span: no markup, mention or HTML in it takes effect, in tables too. */
export function codeSpan(text: string): string {
  const line = printable(text).replaceAll('\n', '⏎');
  if (line.trim() === '') return '``';
  const fence = '`'.repeat(longestRun(line, /`+/g) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line.replaceAll('|', String.raw`\|`)}${pad}${fence}`;
}

/** Untrusted lines as a fenced block that they cannot end. */
export function codeBlock(language: string, lines: readonly string[]): string {
  const text = printable(lines.join('\n'));
  const fence = '`'.repeat(Math.max(3, longestRun(text, /`+/g) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Text for the summary of a fold, where Markdown is not read but HTML is. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"'@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Without what could hide text or turn its direction. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, '�');
}

function longestRun(text: string, run: RegExp): number {
  return Math.max(0, ...(text.match(run) ?? []).map(({ length }) => length));
}
