/** A Go type as far as text/template looks at it before it calls a function. */
export type GoType =
  'any' | 'string' | 'int' | 'float64' | 'bool' | 'list' | 'dict' | 'time' | 'certificate';

/** The parameters of a function of templates; `rest` is the type of any number of further ones. */
export interface Signature {
  readonly fixed: readonly GoType[];
  readonly rest: GoType | undefined;
}

/** Functions of KUDO's templates by their parameters: sprig 2.22's, toYaml, and text/template's own. */
const FUNCTIONS: readonly (readonly [parameters: string, names: string])[] = [
  ['', 'hello now uuidv4'],
  ['...any', 'add cat coalesce concat dict list quote squote tuple'],
  ['...any', 'print println html js urlquery'],
  ['...dict', 'keys'],
  [
    'any',
    `add1 ago ceil compact deepCopy empty first float64 floor htmlDate initial int int64 kindOf last
    rest reverse sortAlpha toDecimal toJson toPrettyJson toString toStrings toYaml typeOf uniq`,
  ],
  ['any', 'len not'],
  ['any ...any', 'biggest default max min mul slice without'],
  ['any ...any', 'and or call eq index'],
  ['any any', 'append deepEqual div has mod prepend push sub'],
  ['any any', 'ne lt le gt ge'],
  ['any any bool', 'ternary'],
  ['any int ...float64', 'round'],
  ['any string', 'htmlDateInZone'],
  ['dict', 'urlJoin values'],
  ['dict ...dict', 'merge mergeOverwrite'],
  ['dict ...string', 'omit pick'],
  ['dict string', 'hasKey unset'],
  ['dict string any', 'set'],
  ['int', 'randAlpha randAlphaNum randAscii randNumeric until'],
  ['int int int', 'untilStep'],
  ['int int string', 'abbrevboth substr'],
  ['int string', 'abbrev indent nindent repeat trunc wrap'],
  ['int string string', 'wrapWith'],
  ['int string string string string', 'derivePassword'],
  [
    'string',
    `adler32sum atoi b32dec b32enc b64dec b64enc camelcase fail genPrivateKey getHostByName initials
    kebabcase lower nospace semver sha1sum sha256sum shuffle snakecase swapcase title trim untitle
    upper urlParse`,
  ],
  ['string ...any', 'printf'],
  ['string ...dict', 'pluck'],
  ['string any', 'date join kindIs typeIs typeIsLike'],
  ['string any string', 'dateInZone date_in_zone'],
  ['string int', 'genCA'],
  ['string int string', 'splitn'],
  ['string list list int', 'genSelfSignedCert'],
  ['string list list int certificate', 'genSignedCert'],
  [
    'string string',
    `buildCustomCert contains decryptAES encryptAES hasPrefix hasSuffix regexFind regexMatch
    semverCompare split splitList toDate trimAll trimPrefix trimSuffix trimall`,
  ],
  ['string string int', 'plural regexFindAll regexSplit'],
  ['string string string', 'regexReplaceAll regexReplaceAllLiteral replace'],
  ['string time', 'dateModify date_modify'],
  ['time', 'unixEpoch'],
];

/** What each function of KUDO's templates takes; functions that KUDO removes (env, base, …) are not there. */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  FUNCTIONS.flatMap(([parameters, names]) =>
    names.split(/\s+/).map((name) => [name, signatureOf(parameters)] as const),
  ),
);

/** Whether KUDO's templates know a function of this name. */
export function isTemplateFunction(name: string): boolean {
  return SIGNATURES.has(name);
}

function signatureOf(parameters: string): Signature {
  const types = parameters.split(' ').filter((type) => type !== '');
  return {
    fixed: types.filter((type) => !isRest(type)) as GoType[],
    rest: types.find(isRest)?.slice(3) as GoType | undefined,
  };
}

function isRest(type: string): boolean {
  return type.startsWith('...');
}
