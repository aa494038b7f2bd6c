import { describe, expect, it } from 'vitest';
import { parseManifests } from './parse-manifests.ts';

describe('a rendered template', () => {
  it('may hold several objects, and comments or nothing between them', () => {
    const text = `# first
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
# nothing
---
apiVersion: v1
kind: Secret
metadata: {name: b}
`;
    const found = parseManifests('x.yaml', text).map(({ kind, metadata }) => [kind, metadata.name]);
    expect(found).toEqual([
      ['ConfigMap', 'a'],
      ['Secret', 'b'],
    ]);
  });

  it.each([
    ['is no YAML', 'a: [', /^parsing YAML from x\.yaml:1/],
    [
      'has a document that is no object',
      'kind: A\napiVersion: v1\n---\nword',
      /x\.yaml:4: a Kubernetes object is expected/,
    ],
    ['does not say its kind', 'apiVersion: v1', /Object 'kind' is missing/],
    ['does not say its version', 'kind: A', /Object 'apiVersion' is missing/],
    [
      'has a number for a name',
      'apiVersion: v1\nkind: A\nmetadata: {name: 1}',
      /must be a text, but it is 1/,
    ],
  ])('is refused with its place when it %s', (_why, text, message) => {
    expect(() => parseManifests('x.yaml', text)).toThrow(message);
  });

  it('is not quoted in the error: it may hold a password', () => {
    expect(() => parseManifests('x.yaml', 'password: "hunter2')).toThrow(
      expect.not.stringContaining('hunter2') as string,
    );
  });
});
