/** `text` on one line and in at most `max` UTF-16 units, no character cut in two, `…` where it was cut. */
export function shorten(text: string, max: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line.length <= max) return line;
  let kept = '';
  for (const character of line) {
    if (kept.length + character.length > max - 1) break;
    kept += character;
  }
  return max < 1 ? '' : `${kept.trimEnd()}…`;
}
