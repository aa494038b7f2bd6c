import { expect, test } from 'vitest';
import { desiredInstance, KEY, liveInstance } from '../../test/builders.ts';
import { formatMetadata } from '../model/stated-metadata.ts';
import { metadataChange } from './plan-metadata.ts';

const wanted = { ...desiredInstance({}), labels: { team: 'a' }, annotations: { 'x.org/y': 'z' } };
const remembered = (...values: readonly (readonly [string, string])[]): string =>
  formatMetadata(new Map(values));
const BOTH = remembered(['labels.team', 'a'], ['annotations.x.org/y', 'z']);

test('what a commit says of labels and annotations is carried over, and remembered', () => {
  expect(metadataChange(wanted, liveInstance({}), {})).toEqual({
    key: KEY,
    kind: 'annotate',
    plan: '-',
    labels: { team: 'a' },
    annotations: { 'x.org/y': 'z', 'gitops.kudo.dev/metadata': BOTH },
  });
});

test('what others changed since is left to them', () => {
  const annotations = { 'gitops.kudo.dev/metadata': BOTH };
  const live = liveInstance({}, { labels: { team: 'others' }, annotations });
  expect(metadataChange(wanted, live, {})).toBeUndefined();
});

test('what the Instance carries already costs no write', () => {
  const live = liveInstance({}, { labels: { team: 'a' }, annotations: { 'x.org/y': 'z' } });
  expect(metadataChange(wanted, live, {})).toBeUndefined();
});

test('what Git says no more is taken away where Git had set it, and nothing else is', () => {
  const annotations = { 'gitops.kudo.dev/metadata': BOTH, 'x.org/y': 'z', 'x.org/other': 'o' };
  const live = liveInstance({}, { labels: { team: 'a', zone: 'b' }, annotations });
  expect(metadataChange(desiredInstance({}), live, {})).toMatchObject({
    labels: { team: null },
    annotations: { 'x.org/y': null, 'gitops.kudo.dev/metadata': null },
  });
});

test('decisions for us are not taken for annotations of others', () => {
  const decided = { ...desiredInstance({}), annotations: { 'gitops.kudo.dev/prune': 'disabled' } };
  expect(metadataChange(decided, liveInstance({}), {})).toBeUndefined();
});
