import { describe, expect, it } from 'vitest';
import type { OperatorVersion, Plan } from '../kudo/objects.ts';
import { pipesOf } from './plan-variables.ts';

function plan(...tasks: readonly string[]): Plan {
  return { phases: [{ name: 'Main Phase', steps: [{ name: 'step_1', tasks }] }] };
}

function operatorVersion(...keys: readonly string[]): OperatorVersion {
  const tasks = keys.map((key, index) => ({
    name: `pipe-${String(index)}`,
    kind: 'Pipe',
    spec: { pipe: [{ key }] },
  }));
  return { apiVersion: 'v', kind: 'k', metadata: { name: 'n' }, spec: { tasks } };
}

describe('the pipes of a plan', () => {
  it('are names of what they will make, in plain letters', () => {
    const pipes = pipesOf('My-Demo', 'deploy', plan('pipe-0'), operatorVersion('Cert_1'));
    expect(pipes).toEqual({
      ok: true,
      names: { Cert_1: 'mydemo.deploy.mainphase.step1.pipe0.cert1' },
    });
  });

  it('may not share a key', () => {
    const pipes = pipesOf('demo', 'deploy', plan('pipe-0', 'pipe-1'), operatorVersion('a', 'a'));
    expect(pipes).toEqual({ ok: false, reason: 'duplicated pipe key a' });
  });

  it('are only those of the plan itself', () => {
    expect(pipesOf('demo', 'deploy', plan(), operatorVersion('a'))).toEqual({
      ok: true,
      names: {},
    });
  });
});
