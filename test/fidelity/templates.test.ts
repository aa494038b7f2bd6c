import { parametersOf } from '../../src/kudo/find-parameter.ts';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperatorVersion, Parameter } from '../../src/kudo/objects.ts';
import { readPackage } from '../../src/kudo/package-reader.ts';
import { effectiveParameters } from '../../src/kudo/parameter-values.ts';
import { renderTemplate } from '../../src/kudo/render-template.ts';
import { readPackages } from './community-packages.ts';
import { startOracle, type Oracle } from './oracle.ts';

const SETS = Number(process.env['FIDELITY_PARAMETER_SETS'] ?? 50);

let oracle: Oracle;
let versions: OperatorVersion[];
beforeAll(async () => {
  oracle = await startOracle();
  const packages = await readPackages();
  versions = [...packages.values()].flatMap((files) => readPackage(files).operatorVersion ?? []);
});
afterAll(() => {
  oracle.stop();
});

const META = {
  OperatorName: 'op',
  InstanceName: 'my-instance',
  InstanceNamespace: 'data',
  OperatorVersion: '1.2.3',
  AppVersion: '4.5',
  PlanName: 'deploy',
  PhaseName: 'nodes',
  StepName: 'node',
};

test('every template of every package renders byte for byte as with KUDO, with its defaults', async () => {
  for (const version of versions) expect(ours(version, {})).toEqual(await kudos(version, {}));
}, 120_000);

test(`and with ${SETS} random sets of parameters`, async () => {
  for (const version of versions) {
    const sets = fc.sample(parameterSet(parametersOf(version)), SETS);
    for (const parameters of sets)
      expect(ours(version, parameters)).toEqual(await kudos(version, parameters));
  }
}, 600_000);

type Rendered = Readonly<Record<string, unknown>>;

/** Every template's text, or `error`, with the parameters that made it. */
function ours(version: OperatorVersion, parameters: Record<string, string>): Rendered {
  const decoded = effectiveParameters(version, { spec: { parameters } });
  const texts = Object.entries(version.spec?.templates ?? {}).map(([name, template]) => [
    name,
    decoded.ok ? render(name, template, decoded.values) : 'error',
  ]);
  return { version: version.metadata.name, parameters, ...Object.fromEntries(texts) };
}

async function kudos(
  version: OperatorVersion,
  parameters: Record<string, string>,
): Promise<Rendered> {
  const texts: [string, unknown][] = [];
  const given = { meta: META, pipes: PIPES, instance: { spec: { parameters } } };
  for (const [name, template] of Object.entries(version.spec?.templates ?? {})) {
    const question = { op: 'render', name, template, operatorVersion: version, ...given };
    texts.push([name, (await oracle.ask(question))['output'] ?? 'error']);
  }
  return { version: version.metadata.name, parameters, ...Object.fromEntries(texts) };
}

const PIPES = { cert: 'pipe-cert', key: 'pipe-key' };

function render(name: string, template: string, params: Readonly<Record<string, unknown>>): string {
  const variables = {
    OperatorName: META.OperatorName,
    Name: META.InstanceName,
    Namespace: META.InstanceNamespace,
    AppVersion: META.AppVersion,
    OperatorVersion: META.OperatorVersion,
    PlanName: META.PlanName,
    PhaseName: META.PhaseName,
    StepName: META.StepName,
    Params: params,
    Pipes: PIPES,
  };
  const sources = { now: () => new Date(0), random: () => 0.5 };
  const rendering = renderTemplate(name, template, variables, sources);
  return rendering.ok ? rendering.text : 'error';
}

function parameterSet(parameters: readonly Parameter[]): fc.Arbitrary<Record<string, string>> {
  const model = parameters.map((parameter) => [parameter.name, valueOf(parameter)] as const);
  return fc
    .record(Object.fromEntries(model), { requiredKeys: [], noNullPrototype: true })
    .map((set) =>
      Object.fromEntries(Object.entries(set).map(([name, value]) => [name, value ?? ''])),
    );
}

function valueOf(parameter: Parameter): fc.Arbitrary<string> {
  return fc.constantFrom(...(VALUES[parameter['value-type'] ?? ''] ?? PLAIN_VALUES));
}

const PLAIN_VALUES = [
  'true',
  'false',
  '',
  '0',
  '1',
  '3',
  '2048',
  '1.5',
  'some text',
  'a:b,c',
].concat(['{"a": 1}', 'x"y\'z', '500m', '1Gi', 'é世']);

const VALUES: Readonly<Record<string, string[]>> = {
  array: ['[]', '[a, b]', '- name: x\n  value: 1000000\n', '- a\n- 2\n- 1.5\n', '~'],
  map: ['{}', 'a: b\n', 'a: {b: [1, 2500000]}\n', 'x: yes\n', '~'],
  boolean: ['true', 'false'],
};
