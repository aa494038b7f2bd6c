import {
  sprigConversions,
  sprigDatetime,
  sprigDefaults,
  sprigDicts,
  sprigFlow,
  sprigHash,
  sprigLists,
  sprigMath,
  sprigRandom,
  sprigRegex,
  sprigSemver,
  sprigStrings,
  sprigTypes,
  type FuncMap,
} from '@promptctl/go-template-js';
import { libraryFunction, type GoFunction } from './go-function.ts';
import { executeTemplate, type RenderLimits } from './template-executor.ts';
import { goFunctions } from './template-functions.ts';
import { parseTemplate } from './template-parser.ts';
import { TemplateFault } from './template-tree.ts';
import { isTrue, mapDict, toTemplateValue } from './template-values.ts';

/** What a template sees: `.OperatorName`, `.Name`, `.Namespace`, `.Params`, `.Pipes` and so on. */
export type TemplateVariables = Readonly<Record<string, unknown>>;

/** The rendered text, or what is wrong and where in the template. */
export type Rendering =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      /** With the template's name and place in front. */
      readonly message: string;
      readonly line: number;
      readonly column: number;
    };

/** What `render.worker.ts` is asked; it answers with a Rendering. */
export interface RenderQuestion {
  readonly name: string;
  readonly text: string;
  readonly variables: TemplateVariables;
}

/** Where a template's time and chance come from. */
export interface RenderSources {
  readonly now: () => Date;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/**
 * Expands a KUDO template as KUDO's engine does (engine/renderer/engine.go): Go's text/template with
 * `missingkey=error`, sprig 2.22 without what reads the host, and `toYaml`. Numbers inside `variables` are
 * float64s, as KUDO's decoded parameters are. Steps and output are bounded; a regular expression may still
 * take its time, so templates of others belong into a worker.
 */
export function renderTemplate(
  name: string,
  text: string,
  variables: TemplateVariables,
  { limits = RENDER_LIMITS, ...sources }: RenderSources & { readonly limits?: RenderLimits },
): Rendering {
  const functions = kudoFunctions(sources);
  try {
    const tree = parseTemplate(text, (used) => functions.has(used));
    const data = mapDict(variables, toTemplateValue);
    return { ok: true, text: executeTemplate(tree, functions, data, limits) };
  } catch (thrown) {
    if (thrown instanceof TemplateFault) return failure(name, text, thrown);
    if (!(thrown instanceof RangeError)) throw thrown;
    return failure(name, text, new TemplateFault('a value is too deep or too long to print', 0));
  }
}

/** Bounds for templates whose author is not known. */
export const RENDER_LIMITS: RenderLimits = { maxSteps: 2_000_000, maxOutput: 4 * 1024 * 1024 };

/** sprig 2.22's TxtFuncMap without env, expandenv, base, dir, clean, ext and isAbs. */
const SPRIG = new Set(
  `abbrev abbrevboth add add1 adler32sum ago append atoi b32dec b32enc b64dec b64enc biggest
  camelcase cat ceil coalesce compact concat contains date dateInZone dateModify date_in_zone
  date_modify deepCopy deepEqual default dict div empty fail first float64 floor has hasKey hasPrefix
  hasSuffix hello htmlDate htmlDateInZone indent initial initials int int64 join kebabcase keys kindIs
  kindOf last list lower max merge mergeOverwrite min mod mul nindent nospace now omit pick pluck plural
  prepend push quote randAlpha randAlphaNum randAscii randNumeric regexFind regexFindAll regexMatch
  regexReplaceAll regexReplaceAllLiteral regexSplit repeat replace rest reverse round semver
  semverCompare set sha1sum sha256sum shuffle slice snakecase sortAlpha split splitList splitn squote sub
  substr swapcase ternary title toDate toDecimal toJson toPrettyJson toString toStrings trim trimAll
  trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike typeOf uniq unixEpoch unset until untilStep
  untitle upper uuidv4 values without wrap wrapWith`.split(/\s+/),
);

/** sprig functions that make keys and certificates, or ask the network. */
const UNAVAILABLE = `genPrivateKey genCA genSelfSignedCert genSignedCert buildCustomCert
  derivePassword encryptAES decryptAES getHostByName urlParse urlJoin`.split(/\s+/);

/** Functions of text/template itself. */
const TEXT_TEMPLATE = new Set(
  `printf print println len call eq ne lt le gt ge toYaml not index html js urlquery`.split(' '),
);

/** Whether KUDO's templates know a function of this name. */
export function isTemplateFunction(name: string): boolean {
  if (name === 'and' || name === 'or' || UNAVAILABLE.includes(name)) return true;
  return SPRIG.has(name) || TEXT_TEMPLATE.has(name);
}

function kudoFunctions({ now, random }: RenderSources): ReadonlyMap<string, GoFunction> {
  const dates = sprigDatetime(now);
  const library: FuncMap = {
    ...sprigConversions(),
    ...dates,
    ...sprigDefaults(),
    ...sprigDicts(),
    ...sprigFlow(),
    ...sprigHash(),
    ...sprigLists(),
    ...sprigMath(),
    ...sprigRandom(random),
    ...sprigRegex(),
    ...sprigSemver(),
    ...sprigStrings(),
    ...sprigTypes(),
    ...(dates['dateInZone'] && { date_in_zone: dates['dateInZone'] }),
    ...(dates['dateModify'] && { date_modify: dates['dateModify'] }),
    ...goFunctions(),
  };
  const functions = new Map<string, GoFunction>([
    ['and', and],
    ['or', or],
  ]);
  for (const [name, func] of Object.entries(library))
    if (SPRIG.has(name) || TEXT_TEMPLATE.has(name)) functions.set(name, libraryFunction(func));
  for (const name of UNAVAILABLE) functions.set(name, unavailable);
  return functions;
}

const and: GoFunction = (args) => firstThat(args, (value) => !isTrue(value));
const or: GoFunction = (args) => firstThat(args, isTrue);

/** The first value that decides, else the last one; those after it are not looked at. */
function firstThat(
  args: readonly (() => unknown)[],
  decides: (value: unknown) => boolean,
): unknown {
  if (args.length === 0) throw new Error('wrong number of args: want at least 1 got 0');
  let value: unknown;
  for (const arg of args) {
    value = arg();
    if (decides(value)) break;
  }
  return value;
}

const unavailable: GoFunction = () => {
  throw new Error('it makes secrets or asks the network, which is not done here');
};

function failure(name: string, text: string, { message, at }: TemplateFault): Rendering {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  return { ok: false, message: `template ${name}:${line}:${column}: ${message}`, line, column };
}
