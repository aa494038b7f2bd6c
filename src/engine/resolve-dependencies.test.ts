import { describe, expect, it } from 'vitest';
import type { OperatorVersion } from '../kudo/objects.ts';
import { dependencyProblem } from './resolve-dependencies.ts';

/** An operator version 1.0.0 that needs the named operators in their version 1.0.0. */
function needs(name: string, ...others: readonly string[]): OperatorVersion {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'OperatorVersion',
    metadata: { name: `${name}-1.0.0`, namespace: 'default' },
    spec: {
      operator: { name },
      version: '1.0.0',
      tasks: others.map((other) => ({
        name: other,
        kind: 'KudoOperator',
        spec: { package: other, operatorVersion: '1.0.0' },
      })),
    },
  };
}

async function problemOf(
  root: OperatorVersion,
  installed: readonly OperatorVersion[],
  operators = installed.map(({ spec }) => spec?.operator?.name),
): Promise<string | undefined> {
  return dependencyProblem(root, {
    operatorVersion: async (name) =>
      Promise.resolve(installed.find(({ metadata }) => metadata.name === name)),
    hasOperator: async (name) => Promise.resolve(operators.includes(name)),
  });
}

describe('what an operator depends on', () => {
  it('is fine when everything is installed, also when two need the same', async () => {
    const root = needs('root', 'a', 'b');
    expect(await problemOf(root, [needs('a', 'c'), needs('b', 'c'), needs('c')])).toBeUndefined();
  });

  it('must be installed in the version that is asked for, however deep', async () => {
    expect(await problemOf(needs('root', 'a'), [needs('a', 'b')])).toBe(
      'failed to resolve package Operator: "b", OperatorVersion: "1.0.0", AppVersion "any", ' +
        'dependency of package a-1.0.0: failed to resolve operator version default/b-1.0.0:',
    );
  });

  it('must have its Operator as well', async () => {
    expect(await problemOf(needs('root', 'a'), [needs('a')], [])).toContain(
      'failed to resolve operator default/a',
    );
  });

  it('must not be a circle', async () => {
    expect(await problemOf(needs('root', 'a'), [needs('a', 'b'), needs('b', 'a')])).toBe(
      'cyclic package dependency found when adding package b-1.0.0 -> a-1.0.0',
    );
  });
});
