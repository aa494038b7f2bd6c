import { badRequest } from './api-error.ts';
import { fieldsOf, listOf, textOf, valueAt, type ApiObject, type Fields } from './api-object.ts';

export type Matcher = (object: ApiObject) => boolean;
type Labels = Readonly<Record<string, string>>;
type LabelTest = (labels: Labels) => boolean;

const SET_TERM = /^\s*([^\s=!,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/;
const EQUAL_TERM = /^\s*([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)\s*$/;
const EXISTS_TERM = /^\s*(!?)\s*([^\s=!,()]+)\s*$/;

/** `a=b,c!=d,e in (f,g),h,!i`; throws 400 for anything else. */
export function labelMatcher(selector: string): Matcher {
  const tests = splitTerms(selector).map(labelTest);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

/** A `metav1.LabelSelector` object; an absent one matches nothing, an empty one everything. */
export function labelSelectorMatches(selector: unknown, labels: Labels): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  return (
    Object.entries(fieldsOf(matchLabels)).every(([name, value]) => labels[name] === value) &&
    listOf(matchExpressions).every((expression) => matchesExpression(fieldsOf(expression), labels))
  );
}

/** `a.b=c,d!=e` over the paths a resource allows; throws 400 for others. */
export function fieldMatcher(selector: string, allowed: readonly string[]): Matcher {
  const tests = splitTerms(selector).map((term) => {
    const [, path, operator, value] = EQUAL_TERM.exec(term) ?? [];
    if (path === undefined || value === undefined) {
      throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    }
    if (!allowed.includes(path)) throw badRequest(`field label not supported: ${path}`);
    return (object: ApiObject) =>
      (asText(valueAt(object, ...path.split('.'))) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function splitTerms(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).filter((term) => term.trim() !== '');
}

function labelTest(term: string): LabelTest {
  const [, setName, setOperator, list] = SET_TERM.exec(term) ?? [];
  if (setName !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return ({ [setName]: value }) =>
      setOperator === 'in'
        ? value !== undefined && values.includes(value)
        : value === undefined || !values.includes(value);
  }
  const [, name, operator, wanted] = EQUAL_TERM.exec(term) ?? [];
  if (name !== undefined) {
    return ({ [name]: value }) => (operator === '!=' ? value !== wanted : value === wanted);
  }
  const [, not, key] = EXISTS_TERM.exec(term) ?? [];
  if (key === undefined) throw badRequest(`unable to parse requirement: found '${term}'`);
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}

function matchesExpression({ key, operator, values }: Fields, labels: Labels): boolean {
  const value = labels[textOf(key)];
  switch (operator) {
    case 'In':
      return value !== undefined && listOf(values).includes(value);
    case 'NotIn':
      return value === undefined || !listOf(values).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
