import * as z from 'zod';
import type { YamlPath } from '../lib/go-yaml.ts';
import type { SourcePosition } from '../model/desired.ts';
import type { ProblemList } from './problem-list.ts';
import { keyPosition, valuePosition, type SourceDocument } from './source-document.ts';
import { suggestionHint } from './suggest.ts';

/**
 * The document's value when it fits `shape`; otherwise undefined, and each deviation stands in
 * `problems` with its place and, for a misspelt field, what was probably meant.
 */
export function checkShape<T>(
  document: SourceDocument,
  shape: z.ZodType<T>,
  problems: ProblemList,
): T | undefined {
  const parsed = shape.safeParse(document.yaml.value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) report(issue, { document, shape, problems });
  return undefined;
}

interface Context {
  readonly document: SourceDocument;
  readonly shape: z.ZodType;
  readonly problems: ProblemList;
}

type Issue = z.core.$ZodIssue;

function report(issue: Issue, { document, shape, problems }: Context): void {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(shape, path);
    for (const key of issue.keys) {
      const place = keyPosition(document, [...path, key]);
      problems.error(place, unknownField([...path, key], known));
    }
    return;
  }
  const value = valueAt(document.yaml.value, path);
  const isMissing = value === undefined;
  const place: SourcePosition = isMissing
    ? keyPosition(document, path.slice(0, -1))
    : valuePosition(document, path);
  problems.error(place, isMissing ? missingField(path) : wrongValue(issue, path, value));
}

function unknownField(path: YamlPath, known: readonly string[]) {
  const name = String(path.at(-1));
  const message = `unknown field ${pathText(path)}`;
  const hint =
    suggestionHint(name, known) ??
    (known.length > 0 ? `known here: ${known.join(', ')}` : undefined);
  return { id: 'unknown-field', message, hint };
}

function missingField(path: YamlPath) {
  return { id: 'missing-field', message: `${pathText(path)} is missing` };
}

function wrongValue(issue: Issue, path: YamlPath, value: unknown) {
  const field = pathText(path);
  if (issue.code === 'custom') {
    return { id: 'not-in-git', message: `${field}: ${issue.message}`, hint: 'remove it' };
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const message = `${field} cannot be ${JSON.stringify(value)}; allowed: ${allowed.join(', ')}`;
    return {
      id: 'wrong-value',
      message,
      hint: suggestionHint(typeof value === 'string' ? value : '', allowed),
    };
  }
  if (issue.code === 'invalid_type') {
    const expected = ARTICLE[issue.expected] ?? issue.expected;
    const message = `${field} must be ${expected}, not ${typeText(value)}`;
    const quote = issue.expected === 'string' && typeof value !== 'object';
    return { id: 'wrong-type', message, hint: quote ? 'put it in quotes' : undefined };
  }
  return { id: 'wrong-value', message: `${field}: ${issue.message}` };
}

const ARTICLE: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
};

function typeText(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : `the ${typeof value} ${JSON.stringify(value)}`;
}

/** `spec.tasks[2].name`. */
export function pathText(path: YamlPath): string {
  if (path.length === 0) return 'the document';
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

/** The names that a mapping at `path` may have, by the schema. */
function fieldsAt(shape: z.core.$ZodType, path: YamlPath): readonly string[] {
  let at = unwrapped(shape);
  for (const part of path) {
    const next = childShape(at, part);
    if (!next) return [];
    at = unwrapped(next);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function childShape(shape: z.core.$ZodType, part: string | number): z.core.$ZodType | undefined {
  if (shape instanceof z.ZodArray) return shape.element;
  if (shape instanceof z.ZodRecord) return shape.valueType;
  if (shape instanceof z.ZodObject) return shape.shape[part] as z.core.$ZodType | undefined;
  return undefined;
}

function unwrapped(shape: z.core.$ZodType): z.core.$ZodType {
  let inner = shape;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner;
}
