/** One column of a table about things of type T. */
export interface Column<T> {
  readonly header: string;
  readonly text: (row: T) => string;
  /** Shown with `-o wide` only. */
  readonly isWide?: boolean;
  /** Colours the text, which is padded already where that matters. */
  readonly paint?: (text: string) => string;
}

const GAP = '   ';
const MAX_CELL = 72;

/**
 * A table as kubectl prints it. The widths are those of the first rows, so that rows that come later
 * (`--watch`) stand below them. Long cells are cut unless the table is wide.
 */
export class Table<T> {
  readonly #columns: readonly Column<T>[];
  readonly #isWide: boolean;
  readonly #widths: readonly number[];

  constructor(columns: readonly Column<T>[], firstRows: readonly T[], isWide: boolean) {
    this.#columns = columns.filter((column) => isWide || column.isWide !== true);
    this.#isWide = isWide;
    this.#widths = this.#columns.map((column) =>
      Math.max(column.header.length, ...firstRows.map((row) => lengthOf(this.#cell(column, row)))),
    );
  }

  get header(): string {
    return this.#line(this.#columns.map(({ header }) => ({ text: header })));
  }

  row(row: T): string {
    return this.#line(
      this.#columns.map((column) => ({ text: this.#cell(column, row), paint: column.paint })),
    );
  }

  #cell({ text }: Column<T>, row: T): string {
    const plain = oneLine(text(row));
    if (plain === '') return '-';
    const characters = Array.from(plain);
    if (this.#isWide || characters.length <= MAX_CELL) return plain;
    return `${characters.slice(0, MAX_CELL - 1).join('')}…`;
  }

  #line(cells: readonly { readonly text: string; readonly paint?: Column<T>['paint'] }[]): string {
    const last = cells.length - 1;
    const padded = cells.map(({ text, paint = unpainted }, index) => {
      const missing = index === last ? 0 : (this.#widths[index] ?? 0) - lengthOf(text);
      return paint(text) + ' '.repeat(Math.max(0, missing));
    });
    return `${padded.join(GAP)}\n`;
  }
}

/** Text of anybody (commit subjects, messages) in one line that cannot steer a terminal. */
export function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s*\n\s*/g, '⏎'));
}

/** Without control characters and what turns the direction of writing; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, '�');
}

const unpainted = (text: string): string => text;

const lengthOf = (text: string): number => Array.from(text).length;
