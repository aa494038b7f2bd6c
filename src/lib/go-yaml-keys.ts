/** yaml.v2's keyList order (sorter.go): letters after everything else, digits by the number they spell. */
export function compareGoKeys(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  const index = a.findIndex((character, at) => character !== b[at]);
  if (index < 0 || index >= b.length) return a.length - b.length;
  const [x, y] = [a[index] ?? '', b[index] ?? ''];
  const [isLetterX, isLetterY] = [LETTER.test(x), LETTER.test(y)];
  if (isLetterX !== isLetterY) return isLetterY ? -1 : 1;
  const byNumber = isLetterX ? 0 : compareNumbers(a, b, index);
  return byNumber === 0 ? codePoint(x) - codePoint(y) : byNumber;
}

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function compareNumbers(a: readonly string[], b: readonly string[], index: number): number {
  const hasZero = a[index] === '0' || b[index] === '0';
  const start = hasZero && hasNumberBefore(a, index) ? 1n : 0n;
  const [m, n] = [numberFrom(a, index, start), numberFrom(b, index, start)];
  if (m.value !== n.value) return m.value < n.value ? -1 : 1;
  return m.end - n.end;
}

/** Whether the digits right before `index` hold one that is not 0, so that a 0 there counts. */
function hasNumberBefore(text: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0 && DIGIT.test(text[at] ?? ''); at -= 1)
    if (text[at] !== '0') return true;
  return false;
}

function numberFrom(
  text: readonly string[],
  index: number,
  start: bigint,
): { value: bigint; end: number } {
  let value = start;
  let end = index;
  for (; DIGIT.test(text[end] ?? ''); end += 1)
    value = value * 10n + BigInt(codePoint(text[end] ?? '') - 48);
  return { value: BigInt.asIntN(64, value), end };
}
