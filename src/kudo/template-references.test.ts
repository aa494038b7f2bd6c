import { expect, test } from 'vitest';
import { templateReferences } from './template-references.ts';

test('a template refers to the fields of the whole, wherever it says so', () => {
  const text = `{{ .Name }}
{{ range .Params.LIST }}{{ .inner }}{{ $.Params.OUTER }}{{ else }}{{ .Params.ELSE }}{{ end }}
{{ if eq (.Params.A | upper) "x" }}{{ index .Params "ODD-NAME" }}{{ end }}
{{ define "part" }}{{ .mine }}{{ $.also }}{{ end }}{{ template "part" .Params.A }}
{{ define "whole" }}{{ .Namespace }}{{ end }}{{ template "whole" $ }}`;
  const found = templateReferences(text);
  expect(found.ok && found.references.map(({ path, line }) => [path.join('.'), line])).toEqual([
    ['Name', 1],
    ['Params.LIST', 2],
    ['Params.OUTER', 2],
    ['Params.ELSE', 2],
    ['Params.A', 3],
    ['Params.ODD-NAME', 3],
    ['Params', 3],
    ['Params.A', 4],
    ['Namespace', 5],
  ]);
});

test('a template that cannot be parsed says where', () => {
  expect(templateReferences('a\n{{ nope }}')).toEqual({
    ok: false,
    message: 'function "nope" not defined',
    line: 2,
    column: 4,
  });
});
