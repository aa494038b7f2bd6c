import { expect, test } from 'vitest';
import { KEY, liveInstance, planOf, record, situation } from '../../test/builders.ts';
import { isMetadataWritten } from './settle-metadata.ts';

const written = (kind: 'adopt' | 'release' | 'annotate', more: Parameters<typeof situation>[0]) =>
  isMetadataWritten({ n: 0, record: record('sending', { kind, plan: '-' }) }, situation(more));

test('an Instance is let go when nobody owns it any more', () => {
  expect(written('release', { observed: liveInstance() })).toBe(false);
  expect(written('release', { observed: liveInstance({}, { owner: null }) })).toBe(true);
});

test('an Instance is taken over when it carries the mark of this very change', () => {
  const adopted = (id: string) => ({ 'gitops.kudo.dev/adopted': `${id} main` });
  const by = (id: string) => ({ observed: liveInstance({}, { annotations: adopted(id) }) });
  expect(written('adopt', by('rollout-uid/0/1'))).toBe(true);
  expect(written('adopt', by('earlier/0/1'))).toBe(false);
});

test('a decision is carried over when it is no longer to be', () => {
  const annotations = { 'gitops.kudo.dev/prune': 'disabled' };
  const change = { key: KEY, kind: 'annotate', plan: '-', annotations } as const;
  expect(written('annotate', { plan: planOf(change) })).toBe(false);
  expect(written('annotate', { plan: planOf() })).toBe(true);
});

test('nothing is written to an Instance that is not there', () => {
  expect(written('release', { observed: undefined })).toBe(false);
});
