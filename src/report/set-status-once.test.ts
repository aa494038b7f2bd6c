import { describe, expect, it } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import { setStatusOnce } from './set-status-once.ts';

const COMMIT = 'c'.repeat(40);
const wanted: CommitStatus = {
  context: 'kudo-gitops/preview',
  state: 'success',
  description: 'would change 1 Instance',
};

describe('setStatusOnce', () => {
  it('says nothing twice in a row, whoever said it before', async () => {
    const forge = memoryForge();
    await setStatusOnce(forge, COMMIT, wanted, testScope());
    await setStatusOnce(forge, COMMIT, wanted, testScope());
    expect(forge.said).toEqual([wanted]);
  });

  it('knows a text again that the forge had to cut', async () => {
    const forge = memoryForge();
    const long = { ...wanted, description: 'a very long story '.repeat(20) };
    await setStatusOnce(forge, COMMIT, long, testScope());
    await setStatusOnce(forge, COMMIT, long, testScope());
    expect(forge.said).toHaveLength(1);
  });

  it('says what differs from the newest', async () => {
    const forge = memoryForge();
    const failure: CommitStatus = { ...wanted, state: 'failure' };
    await setStatusOnce(forge, COMMIT, wanted, testScope());
    await setStatusOnce(forge, COMMIT, failure, testScope());
    await setStatusOnce(forge, COMMIT, wanted, testScope());
    expect(forge.said).toEqual([wanted, failure, wanted]);
  });
});

function memoryForge() {
  const said: CommitStatus[] = [];
  return {
    said,
    maxDescription: 100,
    newestStatus: async () => said.at(-1),
    setStatus: async (_: string, status: CommitStatus) => void said.push(status),
  };
}
