import * as fc from 'fast-check';
import type { Instance, OperatorVersion, Parameter } from '../../src/kudo/objects.ts';

/** One write of an Instance and the OperatorVersions that are there. */
export interface AdmissionCase {
  readonly before: Instance | undefined;
  readonly after: Instance;
  readonly operatorVersions: readonly OperatorVersion[];
}

const NAMES = ['A', 'B', 'C', 'D'] as const;
const UNKNOWN_NAMES = [...NAMES, 'X', 'Y'] as const;
const PLANS = ['deploy', 'update', 'upgrade', 'backup', 'cleanup'] as const;
const NAMESPACE = 'default';

const value = fc.constantFrom('1', '2', '3', '', 'true', 'x "y"\n', '[a, b]', 'a: b', '1e3', '~');

const parameter: fc.Arbitrary<Omit<Parameter, 'name'>> = fc.record(
  {
    required: fc.boolean(),
    default: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('1', '2') }, value),
    trigger: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom('', '', ...PLANS) },
      fc.constant('nowhere'),
    ),
    'value-type': fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('' as const, 'string' as const) },
      fc.constantFrom('integer', 'number', 'boolean', 'array', 'map'),
    ),
    immutable: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    enum: fc.subarray(['1', '2', '3', 'x'], { minLength: 1 }),
  },
  { requiredKeys: [] },
);

const parameters = fc
  .tuple(fc.subarray([...NAMES]), fc.array(parameter, { minLength: 4, maxLength: 4 }))
  .map(([names, definitions]) =>
    names.map((name, index) => {
      const { enum: allowed, ...definition } = definitions[index] ?? {};
      return { name, ...definition, ...(index % 3 === 2 && allowed && { enum: allowed }) };
    }),
  );

const plans = fc
  .oneof(
    { weight: 4, arbitrary: fc.subarray([...PLANS], { minLength: 3 }) },
    fc.subarray([...PLANS]),
  )
  .map((names) =>
    Object.fromEntries(names.map((name) => [name, { strategy: 'serial', phases: [] }])),
  );

function operatorVersion(name: string): fc.Arbitrary<OperatorVersion> {
  return fc.record({ parameters, plans }).map((spec) => ({
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'OperatorVersion',
    metadata: { name, namespace: NAMESPACE },
    spec: { operator: { name: 'op' }, version: '1', ...spec },
  }));
}

/** Two versions that are often close to each other, as in real life. */
const operatorVersions = fc
  .tuple(operatorVersion('ov-1'), operatorVersion('ov-2'), fc.boolean(), fc.boolean())
  .map(([first, second, sameParameters, samePlans]) => [
    first,
    {
      ...second,
      spec: {
        ...second.spec,
        ...(sameParameters && {
          parameters: first.spec?.parameters?.map((definition, index) =>
            second.spec?.parameters?.[index]
              ? { ...definition, immutable: second.spec.parameters[index].immutable }
              : definition,
          ),
        }),
        ...(samePlans && { plans: first.spec?.plans }),
      },
    },
  ]);

const reference = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom({ name: 'ov-1' }, { name: 'ov-2' }) },
  fc.constantFrom(
    { name: 'ov-1', namespace: NAMESPACE },
    { name: 'ov-1', kind: 'OperatorVersion', uid: 'u' },
    { name: 'missing' },
  ),
);

const values = fc.dictionary(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, fc.constantFrom(...UNKNOWN_NAMES)),
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1', '2') }, value),
  { maxKeys: 4, noNullPrototype: true },
);

const execution = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({
    planName: fc.constantFrom(...PLANS),
    uid: fc.constantFrom('u1', 'u2'),
    status: fc.constantFrom('NEVER_RUN' as const, 'IN_PROGRESS' as const),
  }),
);

const instance = fc
  .record({ reference, values, execution })
  .map(
    ({
      reference: operatorVersionReference,
      values: given,
      execution: planExecution,
    }): Instance => ({
      apiVersion: 'kudo.dev/v1beta1',
      kind: 'Instance',
      metadata: { name: 'i', namespace: NAMESPACE },
      spec: { operatorVersion: operatorVersionReference, parameters: given, planExecution },
    }),
  );

type Change = (before: Instance) => Instance;

function inSpec(change: (spec: NonNullable<Instance['spec']>) => Instance['spec']): Change {
  return (before) => ({ ...before, spec: change(before.spec ?? {}) });
}

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: values.map((given) =>
      inSpec((spec) => ({ ...spec, parameters: { ...spec.parameters, ...given } })),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...UNKNOWN_NAMES).map((name) =>
      inSpec((spec) => ({
        ...spec,
        parameters: Object.fromEntries(
          Object.entries(spec.parameters ?? {}).filter(([key]) => key !== name),
        ),
      })),
    ),
  },
  {
    weight: 4,
    arbitrary: reference.map((ref) => inSpec((spec) => ({ ...spec, operatorVersion: ref }))),
  },
  {
    weight: 5,
    arbitrary: execution.map((planExecution) => inSpec((spec) => ({ ...spec, planExecution }))),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(
        'COMPLETE' as const,
        'FATAL_ERROR' as const,
        'IN_PROGRESS' as const,
        'PENDING' as const,
      )
      .map((status) =>
        inSpec((spec) => ({ ...spec, planExecution: { ...spec.planExecution, status } })),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      inSpec((spec) => ({ ...spec, planExecution: { ...spec.planExecution, uid: 'u3' } })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant((before: Instance) => ({
      ...before,
      status: {
        planStatus: { deploy: { name: 'deploy', status: 'COMPLETE' as const, uid: 'u1' } },
      },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant((before: Instance) => ({
      ...before,
      metadata: { ...before.metadata, labels: { a: 'b' } },
    })),
  },
);

const deletion = fc.oneof(
  { weight: 7, arbitrary: fc.constant({}) },
  fc.constant({
    deletionTimestamp: '2020-01-01T00:00:00Z',
    finalizers: ['kudo.dev.instance.cleanup'],
  }),
);

const update = fc
  .tuple(instance, fc.array(change, { minLength: 1, maxLength: 3 }), deletion)
  .map(([old, changes, extra]) => {
    const before = { ...old, metadata: { ...old.metadata, ...extra } };
    return { before, after: changes.reduce((now, apply) => apply(now), before) };
  });

const creation = instance.map((after) => ({ before: undefined, after }));

/** Writes of all sorts, most of them close to what people and KUDO's controller do. */
export const admissionCase: fc.Arbitrary<AdmissionCase> = fc
  .tuple(fc.oneof({ weight: 6, arbitrary: update }, creation), operatorVersions)
  .map(([write, versions]) => ({ ...write, operatorVersions: versions }));
