/**
 * The candidate that was probably meant by `word`, or undefined when none is close: at most one
 * slip (a letter wrong, missing, too many, or two swapped) per three letters, one letter at least being
 * right; case does not count.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.slice(0, MAX_LENGTH).toLowerCase();
  let best: { readonly candidate: string; readonly slips: number } | undefined;
  for (const candidate of candidates) {
    const slips = editDistance(wanted, candidate.slice(0, MAX_LENGTH).toLowerCase());
    const longest = Math.max(wanted.length, candidate.length);
    const allowed = Math.min(longest - 1, Math.max(1, Math.floor(longest / 3)));
    if (slips <= allowed && (!best || slips < best.slips)) best = { candidate, slips };
  }
  return best?.candidate;
}

/** `did you mean X?`, or undefined when nothing is close. */
export function suggestionHint(word: string, candidates: Iterable<string>): string | undefined {
  const meant = suggest(word, candidates);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** Longer words are compared by their beginning only: the work grows with the square of the length. */
const MAX_LENGTH = 64;

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const distance = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + Number(!same),
      );
      current[column] = swapped ? Math.min(distance, at(twoBack, column - 2) + 1) : distance;
    }
    [twoBack, previous] = [previous, current];
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}
