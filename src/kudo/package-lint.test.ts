import { describe, expect, test } from 'vitest';
import { findings, lint, packageWith, param, used, uses } from '../../test/fakes/linted-package.ts';
import { withRuntimeFindings } from './package-lint.ts';
import { readPackage } from './package-reader.ts';

describe('a package', () => {
  test('without a mistake has no finding', () => {
    expect(lint(packageWith({ edits: [] }))).toEqual([]);
  });

  test('is told of missing and of empty files', () => {
    expect(lint(new Map([['operator.yaml', '']]))).toEqual([
      'package-missing-file params.yaml:1:1',
      'package-empty-file operator.yaml:1:1',
    ]);
  });
});

test('every finding says what to do', () => {
  const edits = [used('x'), ['params', 'default: 3', 'default: three']] as const;
  const files = packageWith({ edits });
  files.delete('templates/brokers.yaml');
  expect(findings(files).map(({ id, hint }) => [id, hint === undefined])).toEqual([
    ['task-template', false],
    ['task-undefined', false],
    ['parameter-unused', false],
    ['parameter-default', false],
  ]);
});

describe('a template', () => {
  test.each([
    '{{ $.Params.NODES }}',
    '{{ index .Params "NODES" }}',
    '{{ $root := . }}{{ range until 2 }}{{ $root.Params.NODES }}{{ end }}',
    '{{ define "x" }}{{ .Params.NODES }}{{ end }}{{ template "x" . }}',
    '{{ toYaml .Params | len }}',
    '{{ with .Params }}{{ .NODES }}{{ end }}',
    '{{ if false }}{{ else }}{{ .Params.NODES | quote | len }}{{ end }}',
  ])('uses a parameter with %s', (text) => {
    const edits = [param('{ name: NODES, default: "1" }'), uses(text)];
    expect(lint(packageWith({ edits }))).toEqual([]);
  });
});

test('a Sync hears what concerns the plans of a package, not how it is written', () => {
  const edits = [
    param('{ name: NODES, default: "1" }'),
    used('x'),
    ['operator', 'kubernetesVersion: 1.22.0\n', ''],
  ] as const;
  const reading = withRuntimeFindings(readPackage(packageWith({ edits })));
  expect(reading.problems.map(({ id, severity }) => `${severity} ${id}`)).toEqual([
    'error task-undefined',
  ]);
  expect(reading.operatorVersion).toBeDefined();
});
