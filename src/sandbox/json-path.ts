import { isFields } from './api-object.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly value: string };

const STEP =
  /\.([^.[\]]+)|\[(\d+)\]|\[\*\]|\['([^']+)'\]|\[\?\(@\.([\w./-]+)\s*==\s*["']([^"']*)["']\)\]/gy;

/**
 * Compiles the part of JSONPath that printer columns use: `.a.b`, `['a.b']`, `[0]`, `[*]` and
 * `[?(@.type=="Ready")]`. The function gives all values found; an expression outside of this finds nothing.
 */
export function jsonPath(expression: string): (value: unknown) => readonly unknown[] {
  const steps = parse(expression);
  return (value) =>
    steps === undefined
      ? []
      : steps.reduce<readonly unknown[]>((found, step) => found.flatMap(follow(step)), [value]);
}

function parse(expression: string): Step[] | undefined {
  const text = expression
    .replace(/^\{?\$?/, '')
    .replace(/\}$/, '')
    .replaceAll('\\.', '\u0000');
  const steps: Step[] = [];
  let end = 0;
  for (const match of text.matchAll(STEP)) {
    steps.push(toStep(match));
    end = match.index + match[0].length;
  }
  return end === text.length ? steps : undefined;
}

function toStep([, dotted, index, quoted, path, value]: RegExpMatchArray): Step {
  const name = dotted ?? quoted;
  if (name !== undefined) {
    return name === '*' ? { kind: 'all' } : { kind: 'field', name: name.replaceAll('\u0000', '.') };
  }
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (path === undefined) return { kind: 'all' };
  return { kind: 'filter', path: path.split('.'), value: value ?? '' };
}

function follow(step: Step): (value: unknown) => readonly unknown[] {
  switch (step.kind) {
    case 'field':
      return (value) =>
        isFields(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'index':
      return (value) => (Array.isArray(value) ? value.slice(step.index, step.index + 1) : []);
    case 'all':
      return (value) => childrenOf(value);
    case 'filter':
      return (value) =>
        childrenOf(value).filter((child) => {
          const found = step.path.reduce<unknown>(
            (here, name) => (isFields(here) ? here[name] : undefined),
            child,
          );
          return String(found) === step.value;
        });
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.values(value) : [];
}
