import { describe, expect, test } from 'vitest';
import { problemLines as lines, QUEUE, readFiles as read } from '../../test/fakes/read-files.ts';

const VERSION = `apiVersion: kudo.dev/v1beta1
kind: OperatorVersion
metadata:
  name: queue-1.0.0
spec:
  operator: { name: queue }
  version: 1.0.0
  parameters:
    - { name: BROKERS, value-type: integer, required: true }
    - { name: MODE, value-type: string, default: fast, enum: [fast, safe] }
    - { name: PASSWORD, value-type: integer, default: "1" }
`;

describe('one Instance', () => {
  test('is read with the namespace of the Sync and the place of everything', () => {
    const state = read({ 'orders.yaml': QUEUE });
    expect(lines(state)).toEqual([]);
    expect(state.incomplete).toBe(false);
    expect([...state.instances.values()]).toEqual([
      {
        key: 'shop/orders',
        namespace: 'shop',
        name: 'orders',
        operatorVersion: { name: 'queue-1.0.0' },
        parameters: { BROKERS: '3' },
        labels: {},
        annotations: {},
        position: { file: 'orders.yaml', line: 4, column: 3 },
        operatorVersionPosition: { file: 'orders.yaml', line: 7, column: 11 },
        parameterPositions: { BROKERS: { file: 'orders.yaml', line: 9, column: 5 } },
      },
    ]);
  });

  test.each([
    { why: 'numbers', yaml: 'V: 3', expected: '3' },
    { why: 'large unquoted numbers as Go prints them', yaml: 'V: 1000000', expected: '1e+06' },
    { why: 'YAML 1.1 booleans', yaml: 'V: yes', expected: 'true' },
    { why: 'lists', yaml: 'V: [b, a]', expected: '- b\n- a\n' },
    { why: 'maps with sorted keys', yaml: 'V: {b: 1, a: x}', expected: 'a: x\nb: 1\n' },
    { why: 'text as it is', yaml: 'V: "007"', expected: '007' },
    { why: 'empty text', yaml: 'V: ""', expected: '' },
  ])('encodes $why', ({ yaml, expected }) => {
    const state = read({ 'orders.yaml': QUEUE.replace('BROKERS: 3', yaml) });
    expect(state.instances.get('shop/orders')?.parameters).toEqual({ V: expected });
  });

  test.each([
    {
      why: 'a misspelt field',
      text: QUEUE.replace('parameters:', 'paramters:'),
      expected: 'error a.yaml:8:3 unknown field spec.paramters (did you mean parameters?)',
    },
    {
      why: 'a plan run written as state',
      text: `${QUEUE}  planExecution: { planName: backup }\n`,
      expected:
        'error a.yaml:10:18 spec.planExecution: a plan run is no state: every look at Git would run it again (remove it)',
    },
    {
      why: 'a status copied from the cluster',
      text: `${QUEUE}status: { conditions: [] }\n`,
      expected: 'error a.yaml:10:9 status: only the cluster writes this field (remove it)',
    },
    {
      why: 'a parameter without a value',
      text: QUEUE.replace('BROKERS: 3', 'BROKERS:'),
      expected:
        'error a.yaml:9:5 parameter BROKERS has no value (write a value, "" for empty text, or take the line out to use the default)',
    },
    {
      why: 'a missing name',
      text: QUEUE.replace('name: orders', 'labels: {}'),
      expected: 'error a.yaml:3:1 metadata.name is missing',
    },
    {
      why: 'a name that Kubernetes refuses',
      text: QUEUE.replace('name: orders', 'name: Orders'),
      expected:
        'error a.yaml:4:9 "Orders" cannot be the name of an object (use lower-case letters, digits and "-" or ".", at most 253 characters)',
    },
    {
      why: 'a label that is a number',
      text: QUEUE.replace('name: orders', 'name: orders\n  labels: { tier: 1 }'),
      expected:
        'error a.yaml:5:19 metadata.labels.tier must be text, not the number 1 (put it in quotes)',
    },
    {
      why: 'a missing operatorVersion',
      text: 'apiVersion: kudo.dev/v1beta1\nkind: Instance\nmetadata: { name: orders }\n',
      expected:
        'error a.yaml:3:13 no file names the operatorVersion of shop/orders (write spec.operatorVersion.name)',
    },
    {
      why: 'a misspelt kind',
      text: QUEUE.replace('Instance', 'Instnace'),
      expected:
        'error a.yaml:2:1 unknown kind Instnace of kudo.dev/v1beta1 (did you mean Instance?)',
    },
    {
      why: 'a misspelt group',
      text: QUEUE.replace('kudo.dev', 'kdo.dev'),
      expected:
        'error a.yaml:1:1 unknown apiVersion kdo.dev/v1beta1 (did you mean kudo.dev/v1beta1?)',
    },
    {
      why: 'a version of KUDO that never was',
      text: QUEUE.replace('v1beta1', 'v1'),
      expected: 'error a.yaml:1:1 unknown apiVersion kudo.dev/v1 (write kudo.dev/v1beta1)',
    },
    {
      why: 'a misspelt apiVersion key',
      text: QUEUE.replace('apiVersion', 'apiVerison'),
      expected: 'error a.yaml:1:1 unknown field apiVerison (did you mean apiVersion?)',
    },
  ])('says where and why for $why', ({ text, expected }) => {
    const state = read({ 'a.yaml': text });
    expect(lines(state)).toEqual([expected]);
    expect(state.instances.size).toBe(0);
    expect(state.incomplete).toBe(true);
  });

  test('keeps the empty fields that kubectl prints', () => {
    const printed = QUEUE.replace('name: orders', 'name: orders\n  creationTimestamp: null');
    expect(lines(read({ 'a.yaml': `${printed}status: {}\n` }))).toEqual([]);
  });
});

describe('parameters that an OperatorVersion in Git defines', () => {
  test.each([
    {
      why: 'an unknown one',
      parameters: 'BROKRES: 3\n    BROKERS: 3',
      expected: 'error a.yaml:9:5 queue-1.0.0 has no parameter BROKRES (did you mean BROKERS?)',
    },
    {
      why: 'a value of the wrong type',
      parameters: 'BROKERS: three',
      expected:
        'error a.yaml:9:14 parameter "BROKERS" has an invalid value "three": type is "integer" but format of "three" is invalid: strconv.ParseInt: parsing "three": invalid syntax (its type is integer)',
    },
    {
      why: 'a large number that KUDO would write with an exponent',
      parameters: 'BROKERS: 1000000',
      expected:
        'error a.yaml:9:14 parameter "BROKERS" has an invalid value "1e+06": type is "integer" but format of "1e+06" is invalid: strconv.ParseInt: parsing "1e+06": invalid syntax (KUDO writes large unquoted numbers with an exponent: put the number in quotes)',
    },
    {
      why: 'a value outside of the enum',
      parameters: 'BROKERS: 3\n    MODE: fats',
      expected:
        'error a.yaml:10:11 parameter "MODE" has an invalid value "fats": value is "fats", but only allowed values are [fast safe] (did you mean fast?)',
    },
    {
      why: 'a required one that is missing',
      parameters: 'MODE: safe',
      expected:
        'error a.yaml:4:3 parameter "BROKERS" is required but has no value set (set it under spec.parameters of orders)',
    },
  ])('$why is an error', ({ parameters, expected }) => {
    const state = read({ 'a.yaml': QUEUE.replace('BROKERS: 3', parameters), 'v.yaml': VERSION });
    expect(lines(state)).toEqual([expected]);
    expect(state.instances.size).toBe(0);
    expect(state.operatorVersions.size).toBe(1);
  });

  test.each([
    ['[]', 'its enum is empty, so that no value is allowed'],
    ['[""]', 'allowed: ""'],
    ['["", fast]', 'did you mean fast?'],
  ])('one outside of the enum %s says what there is', (values, hint) => {
    const files = {
      'a.yaml': QUEUE.replace('BROKERS: 3', 'BROKERS: 3\n    MODE: fats'),
      'v.yaml': VERSION.replace('[fast, safe]', values),
    };
    expect(lines(read(files))).toEqual([expect.stringContaining(`(${hint})`)]);
  });

  test('a secret one is never shown', () => {
    const annotation = 'annotations: { gitops.kudo.dev/secret-parameters: "PASSWORD, OTHER" }';
    const text = QUEUE.replace('name: orders', `name: orders\n  ${annotation}`);
    const state = read({ 'a.yaml': `${text}    PASSWORD: hunter2\n`, 'v.yaml': VERSION });
    expect(lines(state)).toEqual([
      'error a.yaml:11:15 parameter PASSWORD has an invalid value (secret, not shown) (its type is integer)',
    ]);
  });
});

describe('a decision that is written down in Git', () => {
  const annotated = (annotation: string): string =>
    QUEUE.replace('  name: orders\n', `  name: orders\n  annotations:\n    ${annotation}\n`);

  test.each([
    ['gitops.kudo.dev/prune: disable', 'cannot be "disable" (did you mean disabled?)'],
    ['gitops.kudo.dev/adopt: "yes"', 'cannot be "yes" (write one of: overwrite)'],
    ['gitops.kudo.dev/drift-policy: reprot', 'cannot be "reprot" (did you mean report?)'],
    ['gitops.kudo.dev/purne: disabled', '(did you mean gitops.kudo.dev/prune?)'],
  ])('and misspelt, %s, is told, for it would protect nothing', (annotation, message) => {
    const state = read({ 'orders.yaml': annotated(annotation), 'version.yaml': VERSION });
    expect(lines(state)).toEqual([expect.stringContaining(message)]);
    expect(lines(state)[0]).toMatch(/^error orders\.yaml:6:\d+ /);
    expect(state.incomplete).toBe(true);
  });

  test.each(['prune: disabled', 'prune: enabled', 'adopt: overwrite', 'drift-policy: ignore'])(
    '%s is taken as it is',
    (decision) => {
      const text = annotated(`gitops.kudo.dev/${decision}`);
      expect(lines(read({ 'orders.yaml': text, 'version.yaml': VERSION }))).toEqual([]);
    },
  );
});
