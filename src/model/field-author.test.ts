import { expect, test } from 'vitest';
import { liveInstance } from '../../test/builders.ts';
import type { Instance } from '../kudo/objects.ts';
import {
  parameterAuthor,
  parametersWrittenAt,
  versionAuthor,
  withAuthorsOnly,
} from './field-author.ts';
import type { ManagedFieldsEntry } from './kube-object.ts';

const at = (minute: number): string => `2026-11-22T20:0${String(minute)}:00Z`;

function entry(manager: string, minute: number, spec: object): ManagedFieldsEntry {
  const fieldsV1 = { 'f:spec': spec };
  return { manager, operation: 'Update', time: at(minute), fieldsType: 'FieldsV1', fieldsV1 };
}

const size = { 'f:parameters': { 'f:SIZE': {} } };

function instance(...managedFields: readonly ManagedFieldsEntry[]): Instance {
  const live = liveInstance({});
  return { ...live, metadata: { ...live.metadata, managedFields } };
}

test('a value was set by the manager that has the field, the newest of several', () => {
  const live = instance(
    entry('kubectl-edit', 1, size),
    entry('argocd', 3, size),
    entry('kubectl-patch', 4, { 'f:parameters': { 'f:COLOUR': {} } }),
  );
  expect(parameterAuthor(live, 'SIZE')).toEqual({ manager: 'argocd', at: at(3) });
  expect(parameterAuthor(live, 'NODES')).toBeUndefined();
});

test('the reference to the OperatorVersion has an author of its own', () => {
  const live = instance(entry('kubectl-edit', 1, { 'f:operatorVersion': { 'f:name': {} } }));
  expect(versionAuthor(live)).toEqual({ manager: 'kubectl-edit', at: at(1) });
  expect(parameterAuthor(live, 'SIZE')).toBeUndefined();
});

test('what we set ourselves has no author worth naming, nor has what no longer is there', () => {
  expect(parameterAuthor(instance(entry('kudo-gitops', 1, size)), 'SIZE')).toBeUndefined();
  expect(parameterAuthor(liveInstance({}), 'SIZE')).toBeUndefined();
});

test('a name that somebody made up cannot write into a comment', () => {
  const [live] = [instance(entry('`<b>|\n[x](http://e)'.padEnd(200, 'y'), 1, size))];
  const author = parameterAuthor(live, 'SIZE');
  expect(author?.manager).toMatch(/^[A-Za-z0-9._:/@+?-]{60}$/);
});

test('of what the API server tells, only that is kept which names an author or says when we wrote', () => {
  const kept = withAuthorsOnly([
    entry('kudo-gitops', 1, size),
    entry('manager', 2, { 'f:planExecution': { 'f:status': {} } }),
    { ...entry('manager', 2, {}), subresource: 'status' },
    entry('kubectl-edit', 3, { ...size, 'f:planExecution': {} }),
  ]);
  expect(kept).toEqual([
    { manager: 'kudo-gitops', time: at(1) },
    { manager: 'kubectl-edit', time: at(3), fieldsV1: { 'f:spec': size } },
  ]);
  expect(withAuthorsOnly([entry('manager', 2, { 'f:planExecution': {} })])).toBeUndefined();
});

test('parameters were written when we or the last of the others wrote them, not when a plan went on', () => {
  const plan = { 'f:planExecution': { 'f:status': {} } };
  const ours = instance(entry('kudo-gitops', 3, {}), entry('manager', 5, plan));
  const theirs = instance(entry('kudo-gitops', 3, {}), entry('kubectl-edit', 4, size));
  expect([ours, theirs].map(parametersWrittenAt)).toEqual([at(3), at(4)]);
  expect(parametersWrittenAt(instance(entry('manager', 5, plan)))).toBeUndefined();
});
