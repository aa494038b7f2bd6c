import type { CommandContext } from './command-context.ts';

type Paint = (text: string) => string;

/** How to make text stand out; every function gives its text back unchanged where colours make no sense. */
export type Styles = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', Paint>>;

/** SGR parameters that switch each style on and off (ECMA-48). */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Colours on a terminal that shows them, unless `$NO_COLOR` says otherwise (no-color.org). */
export function stylesFor({ isTerminal, env }: Pick<CommandContext, 'isTerminal' | 'env'>): Styles {
  const wanted = isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const paint =
    ([on, off]: readonly [number, number]): Paint =>
    (text) =>
      wanted && text !== '' ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    bold: paint(CODES.bold),
    dim: paint(CODES.dim),
    red: paint(CODES.red),
    green: paint(CODES.green),
    yellow: paint(CODES.yellow),
    cyan: paint(CODES.cyan),
  };
}

/** Colour of a state, a phase, a status or a verdict; words that are neither good nor bad keep theirs. */
export function paintState(state: string, styles: Styles): string {
  if (/^(True|succeeded|COMPLETE|success)$/.test(state)) return styles.green(state);
  if (/^(False|failed|FATAL_ERROR|failure|ERROR|error)$/.test(state)) return styles.red(state);
  if (/^(Unknown|progressing|IN_PROGRESS|PENDING|NEVER_RUN|running|waiting|held)$/.test(state)) {
    return styles.yellow(state);
  }
  return state;
}
