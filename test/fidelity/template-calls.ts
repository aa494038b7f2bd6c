import * as fc from 'fast-check';

/**
 * The plausible arguments of every function, by the letters of OPERANDS; a letter with a star stands for
 * none to three.
 */
export const CALLS: Readonly<Record<string, string>> = {
  ...each('upper lower title untitle trim nospace swapcase initials toString', 's'),
  ...each('snakecase camelcase kebabcase', 'm'),
  ...each('sha1sum sha256sum adler32sum b64enc b32enc fail', 's'),
  ...each('contains hasPrefix hasSuffix trimPrefix trimSuffix', 'ss'),
  ...each('trimAll trimall split splitList', 'qs'),
  ...each('indent nindent repeat', 'ws'),
  ...each('abbrev wrap', 'Ws'),
  ...each('add cat coalesce list tuple quote squote print println html js urlquery', 'a*'),
  ...each('add1 int int64 float64 floor ceil toDecimal', 'n'),
  ...each('sub div mod', 'nn'),
  ...each('mul max min biggest', 'nn*'),
  ...each('and or default', 'aa'),
  ...each('eq ne lt le gt ge', 'xy'),
  ...each('empty not typeOf kindOf toJson toPrettyJson toYaml deepCopy call', 'a'),
  ...each('kindIs typeIs typeIsLike', 'Ka'),
  ...each('first last rest initial reverse uniq compact sortAlpha toStrings', 'l'),
  ...each('append push prepend', 'la'),
  ...each('pick omit', 'dkk'),
  ...each('merge mergeOverwrite', 'Md'),
  ...each('date', 'pe'),
  ...each('dateInZone date_in_zone', 'peZ'),
  ...each('dateModify date_modify', 'oe'),
  ...each('regexMatch regexFind', 'rs'),
  ...each('regexReplaceAll regexReplaceAllLiteral', 'rsR'),
  ...each('regexFindAll regexSplit', 'rsi'),
  hello: '',
  len: 'L',
  index: 'li',
  slice: 'lij',
  concat: 'll',
  without: 'la',
  has: 'al',
  join: 'ql',
  deepEqual: 'aa',
  ternary: 'aab',
  printf: 'Fa*',
  trunc: 'Ws',
  substr: 'ijs',
  abbrevboth: 'iWs',
  wrapWith: 'Wqs',
  plural: 'ssi',
  replace: 'qqs',
  splitn: 'qis',
  atoi: 'N',
  round: 'nw',
  until: 'i',
  untilStep: 'iwi',
  b64dec: 'z',
  b32dec: 'z',
  dict: 'kaka',
  set: 'Mka',
  unset: 'Mk',
  hasKey: 'dk',
  pluck: 'kdd',
  keys: 'D',
  values: 'D',
  semver: 'v',
  semverCompare: 'cv',
  urlParse: 'u',
  urlJoin: 'U',
  toDate: 'pT',
  htmlDate: 'e',
  htmlDateInZone: 'eZ',
  unixEpoch: 'e',
};

/** Functions that cannot agree, and why: they are the only ones left out. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ...each('randAlpha randAlphaNum randAscii randNumeric shuffle uuidv4', 'random'),
  ...each('now ago', 'depends on the time of the day'),
  ...each('genPrivateKey genCA genSelfSignedCert genSignedCert encryptAES', 'random keys'),
  ...each('buildCustomCert derivePassword decryptAES', 'secrets: refused here'),
  getHostByName: 'asks the network: refused here',
};

function each(names: string, value: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]));
}

const STRINGS = [
  '"hello World"',
  '"a-b_c d"',
  '""',
  '"x"',
  '"é世 ß"',
  '`raw \\n "q"`',
  '" pad  "',
  '"a,b,,c"',
  '"one\\ntwo\\n"',
  '"aaa bbb"',
  '$.Params.NAME',
  '$.Name',
  '$.Params.CSV',
  '$.Pipes.cert',
  '"<a href=\'x\'>&"',
  '"12"',
];
const INTS = ['0', '1', '2', '3', '-1', '(len $.Params.LIST)', '(int "4")', '5', '1.0'];
const NUMBERS = ['1', '2', '7', '-3', '2.5', '-0.5', '"7"', '"x"', 'true', '1e3', '123456', '0']
  .concat(['$.Params.COUNT', '$.Params.FLOAT', '(add 1 2)', '(int64 3)', '(float64 "1.25")'])
  .concat(['nil', '"0x1F"', '"1_0"', "'a'", '0x10', '0b11', '017', '1_000']);
const LISTS = ['$.Params.LIST', '$.Params.NUMBERS', '(list 1 "a" nil)', '(list)', '(until 3)']
  .concat([
    '(splitList "," "a,b,c")',
    '(tuple "x" "y" "x")',
    '$.Params.MIXED',
    '(list (list 1) (dict))',
  ])
  .concat(['(sortAlpha $.Params.LIST)', '(list 1 2.5 "z" true)', '(list "" 0 false)']);
const SMALL_DICTS = ['(dict "a" 1)', '(dict)', '(dict "k" (list 1 2))', '$.Params.MAP.deep'];
const DICTS = ['$.Params.MAP', '(dict "a" 1 "b" "x")', '(dict "a" (dict "c" 2) "b" "")'].concat(
  SMALL_DICTS,
);
const DATES = [
  '(toDate "2006-01-02" "2021-03-04")',
  '(toDate "2006-01-02 15:04:05" "1999-12-31 23:59:58")',
];

/** Expressions by letter; `a` is any of them. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  s: STRINGS,
  m: ['"hello World"', '"a-b_c d"', '"HTTPServer"', '"fooBar2Baz"', '""', '"some_words HERE"'],
  i: INTS,
  j: ['2', '3', '1', '(len "ab")', '-1'],
  w: ['0', '1', '2', '3', '4'],
  W: ['0', '3', '4', '5', '8', '10', '20', '-1'],
  n: NUMBERS,
  N: ['"12"', '"-7"', '"x"', '" 1"', '""', '"+3"'],
  b: ['true', 'false', '(eq 1 1)', '(not $.Params.EMPTY)', '(hasKey $.Params.MAP "a")'],
  l: LISTS,
  L: [...STRINGS, ...LISTS, ...DICTS],
  d: DICTS,
  D: SMALL_DICTS,
  k: ['"a"', '"b"', '"deep"', '"zz"', '"c"'],
  q: ['","', '" "', '"-"', '"a"', '""', '"\\n"', '"lo"'],
  K: ['"string"', '"int"', '"slice"', '"map"', '"float64"', '"[]interface {}"', '"bool"', '"ptr"'],
  x: [
    '1',
    '"a"',
    '2.5',
    'true',
    '$.Params.COUNT',
    '(int "3")',
    '$.Params.FLOAT',
    '(add 1 0)',
    'nil',
  ],
  y: ['1', '"a"', '2.5', 'false', '"3"', '3', '1.5', '(add 1 2)', '$.Params.NIL', '(len "a")'],
  v: ['"1.2.3"', '"v2.0.0-beta.1+b5"', '"1.2"', '"x"', '"0.0.1"', '"1.20.300"'],
  c: ['">=1.0.0"', '"^1.2"', '"~1.2.3"', '"1.x"', '">1, <3"', '"=1.2.3 || =2.0.0"', '"!=1.2.3"'],
  u: ['"https://user:p%40ss@example.com:8080/a%20b/c?x=1&y=2#top"', '"zk://a:2181,b:2181/kafka"']
    .concat(['"/just/a/path?q"', '"mailto:a@b.c"', '"http://[::1]:80/x"', '"//host/p"', '""'])
    .concat([
      '"http://h:port/"',
      '":x"',
      '"a:b/c"',
      '"http://a b/"',
      '"%zz"',
      '"HTTP://X.y/%2f?#é"',
    ]),
  U: [
    '(urlParse "https://user:pa@example.com:8080/a%20b/c?x=1#t")',
    '(dict "host" "h" "path" "p q")',
  ]
    .concat([
      '(dict "scheme" "http" "host" "h:80" "path" "/x" "userinfo" "u:p@")',
      '(dict "path" "a:b")',
    ])
    .concat([
      '(dict "scheme" "mailto" "opaque" "a@b")',
      '(dict "path" 7)',
      '(dict "query" "a=b" "fragment" "f g")',
    ]),
  z: ['"aGk="', '"aGVsbG8="', '"!!"', '"aGk"', '"NBSWY3DP"', '"MFRGG==="', '""', '"abc1===="'],
  r: ['"l+"', '"[a-c]"', '"(o) (W)"', '"^h"', '"x*"', '"(?P<n>[a-z]+)"', '"(?i)HELLO"', '"\\\\d+$"']
    .concat(['"[[:alpha:]]+"', '"a|b"', '"\\\\s"', '"(unclosed"', '"a{2}"', '"a**"', '"(?=a)"'])
    .concat([
      '"[^,]*"',
      '"\\\\bW"',
      '"\\\\z"',
      '"\\\\pL"',
      '"(?s).+"',
      '""',
      '"\\\\Qa-b\\\\E"',
      '"(a)\\\\1"',
    ]),
  R: ['"x"', '"${1}-"', '"$1x"', '"$n"', '"[$0]"', '""', '"$$"'],
  p: [
    '"2006-01-02"',
    '"2006-01-02 15:04:05"',
    '"Jan 2, 2006 at 3:04pm (MST)"',
    '"02.01.06"',
    '"Mon"',
  ],
  T: ['"2021-03-04"', '"x"', '"2021-03-04 05:06:07"'],
  e: DATES,
  M: [
    '(dict "a" 1 "b" "x")',
    '(dict)',
    '(dict "a" (dict "c" 2))',
    '(dict "b" "" "deep" (dict "c" 0))',
  ],
  Z: ['"UTC"', '"UTC"', '""'],
  o: ['"1h"', '"-90m"', '"24h30m1s"', '"x"'],
  F: ['"%s"', '"%v|%v"', '"%d"', '"%5d|%-5s"', '"%q"', '"%05d"', '"%.2f"', '"%t"', '"%x"', '"%%"']
    .concat(['"%T"', '"%+v"', '"%e"', '"%g"', '"%08.3f"', '"%c"', '"%U"', '"plain"', '"%6.2f%%"'])
    .concat(['"%[1]v"', '"%#v"', '"%o"', '"%X"', '"%b"', '"% d"', '"%+d"', '"%!"', '"%s-%s-%s"']),
};
const ANY = [...STRINGS, ...NUMBERS, ...LISTS, ...DICTS, 'nil', '$.Params.NIL', '$.Params.EMPTY'];

/** A call, its name first, sometimes with an argument of a wrong type, too few or too many. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
}

/** A call of any function of the table. */
export const call: fc.Arbitrary<Call> = fc.constantFrom(...Object.keys(CALLS)).chain(callOf);

function callOf(name: string): fc.Arbitrary<Call> {
  const letters = CALLS[name] ?? '';
  const fixed = letters.replace(/.\*$/, '');
  const rest = /(.)\*$/.exec(letters)?.[1];
  return fc
    .tuple(
      fc.tuple(...Array.from(fixed, operand)),
      fc.array(operand(rest ?? 'a'), { maxLength: rest === undefined ? 0 : 3 }),
      fc.oneof({ weight: 40, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1)),
    )
    .map(([given, more, change]) => {
      const args = [...given, ...more, ...(change > 0 ? ['"more"'] : [])];
      return { name, args: change < 0 ? args.slice(0, -1) : args };
    });
}

/**
 * Letters whose operand is never of a wrong type: for dates it would be the time of the day, and a dict that
 * is set into itself ends KUDO's whole process.
 */
const STRICT = 'eM';

function operand(letter: string): fc.Arbitrary<string> {
  const plausible = fc.constantFrom(...(OPERANDS[letter] ?? ANY));
  if (STRICT.includes(letter)) return plausible;
  return fc.oneof({ weight: 24, arbitrary: plausible }, fc.constantFrom(...ANY));
}

/** How a call is written: its arguments behind it, or the last one piped into it. */
export function callText({ name, args }: Call, isPiped: boolean): string {
  const last = args.at(-1);
  if (!isPiped || last === undefined || last === 'nil') return [name, ...args].join(' ');
  return `${last} | ${[name, ...args.slice(0, -1)].join(' ')}`;
}
