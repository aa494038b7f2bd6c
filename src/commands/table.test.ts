import { describe, expect, test } from 'vitest';
import { stylesFor } from './styles.ts';
import { type Column, oneLine, Table } from './table.ts';

interface City {
  readonly name: string;
  readonly note: string;
}

const columns: readonly Column<City>[] = [
  { header: 'NAME', text: ({ name }) => name },
  { header: 'NOTE', text: ({ note }) => note },
  { header: 'MORE', isWide: true, text: ({ note }) => String(note.length) },
];
const cities: readonly City[] = [
  { name: 'Ulm', note: 'a spire' },
  { name: 'Amsterdam', note: '' },
];

describe('a table', () => {
  test('lines its columns up, and leaves no spaces at the ends of lines', () => {
    const table = new Table(columns, cities, false);
    expect([table.header, ...cities.map((city) => table.row(city))]).toEqual([
      'NAME        NOTE\n',
      'Ulm         a spire\n',
      'Amsterdam   -\n',
    ]);
  });

  test('shows more columns and whole texts when it is wide', () => {
    const long = { name: 'Ulm', note: 'x'.repeat(100) };
    expect(new Table(columns, [long], false).row(long)).toBe(`Ulm    ${'x'.repeat(71)}…\n`);
    expect(new Table(columns, [long], true).row(long)).toBe(`Ulm    ${long.note}   100\n`);
  });

  test('keeps its widths for rows that come later', () => {
    const table = new Table(columns, cities, false);
    expect(table.row({ name: 'Bonn', note: 'later' })).toBe('Bonn        later\n');
  });

  test('pads a coloured cell by what is seen of it', () => {
    const styles = stylesFor({ isTerminal: true, env: {} });
    const painted = [
      { header: 'A', text: () => 'x', paint: styles.red },
      columns[0] as Column<City>,
    ];
    const table = new Table(painted, cities, false);
    expect(table.row({ name: 'Ulm', note: '' })).toBe('\u001B[31mx\u001B[39m   Ulm\n');
  });
});

describe('colours', () => {
  test.each([
    { why: 'on a terminal', isTerminal: true, env: {}, expected: '\u001B[32mok\u001B[39m' },
    { why: 'not in a pipe', isTerminal: false, env: {}, expected: 'ok' },
    { why: 'not with NO_COLOR', isTerminal: true, env: { NO_COLOR: '1' }, expected: 'ok' },
    { why: 'not on a dumb terminal', isTerminal: true, env: { TERM: 'dumb' }, expected: 'ok' },
  ])('are shown $why', ({ isTerminal, env, expected }) => {
    expect(stylesFor({ isTerminal, env }).green('ok')).toBe(expected);
  });
});

test('a commit subject cannot steer the terminal', () => {
  expect(oneLine('fix\u001B[2J it\r\n\u202Enow')).toBe('fix�[2J it⏎�now');
});
