import { expect, test } from 'vitest';
import { compareStates } from './compare-states.ts';

const kafka = { operatorVersion: 'kafka-1.3', parameters: { NODES: '3', PASSWORD: 'old' } };

test('nothing before and nothing after is no change', () => {
  expect(compareStates(undefined, undefined)).toBeUndefined();
  expect(compareStates(kafka, { ...kafka })).toBeUndefined();
});

test('a new Instance shows its version and parameters', () => {
  expect(compareStates(undefined, { ...kafka, parameters: { NODES: '3' } })).toEqual({
    kind: 'created',
    operatorVersion: { from: undefined, to: 'kafka-1.3' },
    edits: [{ name: 'NODES', from: undefined, to: '3', secret: false }],
  });
});

test('a removed Instance shows what it was', () => {
  expect(compareStates(kafka, undefined)).toMatchObject({
    kind: 'removed',
    operatorVersion: { from: 'kafka-1.3', to: undefined },
  });
});

test('shows changed, added and removed parameters by name', () => {
  const after = { ...kafka, parameters: { NODES: '5', CPU: '1' } };
  expect(compareStates(kafka, after)).toEqual({
    kind: 'changed',
    edits: [
      { name: 'CPU', from: undefined, to: '1', secret: false },
      { name: 'NODES', from: '3', to: '5', secret: false },
      { name: 'PASSWORD', from: 'old', to: undefined, secret: false },
    ],
  });
});

test('values of a parameter that is secret before or after are never shown', () => {
  const after = {
    ...kafka,
    parameters: { NODES: '3', PASSWORD: 'new' },
    secretParameters: ['PASSWORD'],
  };
  expect(JSON.stringify(compareStates(kafka, after))).not.toMatch(/old|new/);
  expect(compareStates(kafka, after)?.edits).toEqual([
    { name: 'PASSWORD', from: '***', to: '***', secret: true },
  ]);
  expect(JSON.stringify(compareStates(after, undefined))).not.toContain('"new"');
});
