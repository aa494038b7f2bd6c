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
import type { GoFunction } from './go-function.ts';
import type { RenderLimits } from './template-evaluator.ts';
import { executeTemplate } from './template-executor.ts';
import { typed } from './template-go-types.ts';
import { dateFunctions } from './template-dates.ts';
import { goFunctions } from './template-functions.ts';
import { parseTemplate } from './template-parser.ts';
import { isTemplateFunction } from './template-signatures.ts';
import { TemplateFault } from './template-tree.ts';
import { isDict, mapDict, toTemplateValue } from './template-values.ts';

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
    const tree = parseTemplate(text, isTemplateFunction);
    const data = templateData(variables);
    return { ok: true, text: executeTemplate(tree, functions, data, limits) };
  } catch (thrown) {
    if (thrown instanceof TemplateFault) return failure(name, text, thrown);
    if (!(thrown instanceof RangeError)) throw thrown;
    return failure(name, text, new TemplateFault('a value is too deep or too long to print', 0));
  }
}

/** Bounds for templates whose author is not known. */
export const RENDER_LIMITS: RenderLimits = { maxSteps: 2_000_000, maxOutput: 4 * 1024 * 1024 };

/** Functions that are not carried out here, and why; a template that calls one is refused. */
const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  genPrivateKey: 'makes a new private key each time',
  genCA: 'makes a new certificate and key each time',
  genSelfSignedCert: 'makes a new certificate and key each time',
  genSignedCert: 'makes a new certificate and key each time',
  buildCustomCert: 'reads a certificate and its private key',
  derivePassword: 'makes a password from a master password',
  encryptAES: 'makes a new secret text each time',
  decryptAES: 'reads a secret text',
  getHostByName: 'asks the network',
};

function kudoFunctions({ now, random }: RenderSources): ReadonlyMap<string, GoFunction> {
  const dates = sprigDatetime(now);
  return new Map([
    ...TIMELESS_FUNCTIONS,
    ...implementations({ ...dates, ...sprigRandom(random) }),
    ...Object.entries(dateFunctions(dates, now)),
  ]);
}

/** Put together once: it takes longer than most templates do. */
const TIMELESS_FUNCTIONS: readonly (readonly [string, GoFunction])[] = [
  ...implementations({
    ...sprigConversions(),
    ...sprigDefaults(),
    ...sprigDicts(),
    ...sprigFlow(),
    ...sprigHash(),
    ...sprigLists(),
    ...sprigMath(),
    ...sprigRegex(),
    ...sprigSemver(),
    ...sprigStrings(),
    ...sprigTypes(),
  }),
  ...Object.entries(goFunctions()),
  ...Object.entries(REFUSED_FUNCTIONS).map(([name, why]) => [name, refusal(name, why)] as const),
];

function implementations(library: FuncMap): readonly (readonly [string, GoFunction])[] {
  return Object.entries(library).map(([name, { fn }]) => [name, fn as GoFunction]);
}

function refusal(name: string, why: string): GoFunction {
  return () => {
    throw new Error(
      `${name} ${why}, which is not done here; KUDO's manager does it when the plan runs. ` +
        'Put the value into a parameter or a Secret instead',
    );
  };
}

/** KUDO's pipes are a map of texts, which sprig's dict functions do not take. */
function templateData(variables: TemplateVariables): unknown {
  const data = mapDict(variables, toTemplateValue);
  if (isDict(data['Pipes'])) typed(data['Pipes'], 'map[string]string');
  return data;
}

function failure(name: string, text: string, { message, at }: TemplateFault): Rendering {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  return { ok: false, message: `template ${name}:${line}:${column}: ${message}`, line, column };
}
