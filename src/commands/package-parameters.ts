import { readFile } from 'node:fs/promises';
import { suggestionHint } from '../desired/suggest.ts';
import { findParameter, parametersOf } from '../kudo/find-parameter.ts';
import type { OperatorVersion } from '../kudo/objects.ts';
import { encodeParameter } from '../kudo/parameter-values.ts';
import { validateParameter } from '../kudo/validate-parameter.ts';
import { parseYamlDocuments } from '../lib/go-yaml.ts';
import { Failure, messageOf } from '../lib/failure.ts';

export type ParameterValues = Readonly<Record<string, string>>;

/** Where the parameters of an Instance come from on a command line. */
export interface ParameterOptions {
  /** `NAME=value`; they win over those of the files. */
  readonly pairs: readonly string[];
  /** YAML files of `NAME: value`; later ones win. */
  readonly files: readonly string[];
}

/**
 * The parameters as KUDO would store them.
 *
 * @throws {Failure} `missing` or `invalid`, saying which file or pair and why
 */
export async function readParameters({ pairs, files }: ParameterOptions): Promise<ParameterValues> {
  const values = new Map<string, string>();
  for (const file of files)
    for (const [name, value] of Object.entries(await readValues(file))) values.set(name, value);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0)
      throw new Failure('invalid', `${pair} is not a parameter`, { hint: 'write NAME=value' });
    values.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return Object.fromEntries(values);
}

async function readValues(file: string): Promise<ParameterValues> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw new Failure('missing', `cannot read ${file}: ${messageOf(thrown)}`);
  });
  const { documents, errors } = parseYamlDocuments(text);
  const [error] = errors;
  if (error)
    throw new Failure('invalid', `${file}:${error.line}:${error.column}: ${error.message}`);
  const value = documents[0]?.value ?? {};
  if (typeof value !== 'object' || Array.isArray(value) || documents.length > 1)
    throw new Failure('invalid', `${file} is not one mapping`, { hint: 'write NAME: value lines' });
  const encoded = Object.entries(value).map(([name, item]) => [name, encodeParameter(item)]);
  const [empty] = encoded.find(([, stored]) => stored === undefined) ?? [];
  if (empty !== undefined)
    throw new Failure('invalid', `${file} sets ${empty} to null`, {
      hint: 'write "" or leave it out',
    });
  return Object.fromEntries(encoded) as ParameterValues;
}

/**
 * Refuses what KUDO would refuse when it creates an Instance with these parameters.
 *
 * @throws {Failure} `invalid`
 */
export function checkParameters(version: OperatorVersion, values: ParameterValues): void {
  const parameters = parametersOf(version);
  for (const name of Object.keys(values)) {
    if (findParameter(version, name)) continue;
    const message = `${version.metadata.name} has no parameter ${name}`;
    const known = parameters.map((parameter) => parameter.name);
    throw new Failure('invalid', message, { hint: suggestionHint(name, known) });
  }
  for (const parameter of parameters) {
    const why = validateParameter(parameter, values[parameter.name] ?? '');
    if (why === undefined) continue;
    throw new Failure('invalid', why, { hint: `set it with -p ${parameter.name}=…` });
  }
}
