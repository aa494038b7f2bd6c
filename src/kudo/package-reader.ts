import {
  parseFirstYamlDocument,
  parseYamlDocuments,
  type YamlDocument,
  type YamlPath,
} from '../lib/go-yaml.ts';
import type { Problem, Severity } from '../model/problem.ts';
import { convertPackage } from './convert-package.ts';
import { decodeShape } from './decode-shape.ts';
import type { GoShape } from './go-shape.ts';
import { KUDO_API_VERSION, type Operator, type OperatorVersion } from './objects.ts';
import type { OperatorFile, PackageParameter, PackageSource, ParamsFile } from './package-file.ts';
import { OPERATOR_FILE, PARAMS_FILE } from './package-schema.ts';

/** What a package's files give. Without an error both objects are there; files are named relative to the package. */
export interface PackageReading {
  readonly operator: Operator | undefined;
  readonly operatorVersion: OperatorVersion | undefined;
  /** Undefined when the files themselves cannot be read. */
  readonly source: PackageSource | undefined;
  readonly problems: readonly Problem[];
}

export const OPERATOR_FILE_NAME = 'operator.yaml';
export const PARAMS_FILE_NAME = 'params.yaml';

/**
 * Reads an operator package, given its files by their paths in it, and makes KUDO's objects of it as
 * `kubectl kudo install --skip-instance` does, without namespaces (reader/parser.go,
 * convert/resources.go). KudoOperator tasks still name packages by path: see resolvePackages.
 */
export function readPackage(files: ReadonlyMap<string, string>): PackageReading {
  const problems: Problem[] = [];
  const operatorFile = readFile(OPERATOR_FILE_NAME, files, OPERATOR_FILE, problems);
  const paramsFile = readFile(PARAMS_FILE_NAME, files, PARAMS_FILE, problems);
  const operatorDocument = operatorFile?.document;
  if (operatorFile !== undefined && operatorDocument === undefined)
    problems.push(problem('package-empty-file', OPERATOR_FILE_NAME, 'the file says nothing'));
  if (!operatorFile || !paramsFile || !operatorDocument)
    return { operator: undefined, operatorVersion: undefined, source: undefined, problems };

  const source: PackageSource = {
    operator: withApiVersion(operatorFile.value as OperatorFile),
    params: withDefaults(paramsFile.value as ParamsFile),
    ...readTemplates(files),
    operatorDocument,
    paramsDocument: paramsFile.document,
  };
  problems.push(...apiVersionProblems(source), ...nameProblems(source));
  const converted = convertPackage(source);
  problems.push(...converted.problems);
  const isBroken = problems.some(({ severity }) => severity === 'error');
  return {
    operator: isBroken ? undefined : converted.operator,
    operatorVersion: isBroken ? undefined : converted.operatorVersion,
    source,
    problems,
  };
}

interface ReadFile {
  readonly value: unknown;
  readonly document: YamlDocument | undefined;
}

function readFile(
  file: string,
  files: ReadonlyMap<string, string>,
  shape: GoShape,
  problems: Problem[],
): ReadFile | undefined {
  const text = files.get(file);
  if (text === undefined) {
    const message = `the package has no ${file}`;
    problems.push(problem('package-missing-file', file, message));
    return undefined;
  }
  const parsed = parseFirstYamlDocument(text);
  if (!parsed.ok) {
    const { message, ...position } = parsed.error;
    problems.push({ id: 'package-yaml', severity: 'error', file, ...position, message });
    return undefined;
  }
  const document = parsed.document ?? emptyDocument;
  const { value, findings } = decodeShape(shape, document);
  for (const { kind, path, message } of findings) {
    const [id, severity] = FINDINGS[kind];
    problems.push({ id, severity, file, ...placeOf(document, path, kind), message });
  }
  problems.push(...repeatedKeys(file, text));
  return { value, document: parsed.document };
}

const FINDINGS: Readonly<Record<'mismatch' | 'unknown-field', readonly [string, Severity]>> = {
  mismatch: ['package-type', 'error'],
  'unknown-field': ['package-unknown-field', 'warning'],
};

function placeOf(
  document: YamlDocument,
  path: YamlPath,
  kind: 'mismatch' | 'unknown-field',
): { line: number; column: number } {
  return kind === 'mismatch' ? document.positionOf(path) : document.keyPositionOf(path);
}

const START = { line: 1, column: 1 };
const emptyDocument: YamlDocument = {
  value: null,
  positionOf: () => START,
  keyPositionOf: () => START,
  textOf: () => undefined,
};

/** KUDO lets the last of two equal keys win without a word. */
function repeatedKeys(file: string, text: string): Problem[] {
  const { errors } = parseYamlDocuments(text);
  return errors
    .slice(0, 1)
    .map((error) => ({ id: 'package-repeated-key', severity: 'warning', file, ...error }));
}

function withApiVersion<T extends { readonly apiVersion: string }>(file: T): T {
  return { ...file, apiVersion: file.apiVersion === '' ? KUDO_API_VERSION : file.apiVersion };
}

function withDefaults(file: ParamsFile): ParamsFile {
  const parameters = (file.parameters ?? []).map(
    (parameter: PackageParameter & { required: boolean | null; immutable: boolean | null }) => ({
      ...parameter,
      required: parameter.required ?? true,
      immutable: parameter.immutable ?? false,
    }),
  );
  return { ...withApiVersion(file), parameters };
}

function apiVersionProblems(source: PackageSource): Problem[] {
  const files = [
    [OPERATOR_FILE_NAME, source.operator.apiVersion, source.operatorDocument],
    [PARAMS_FILE_NAME, source.params.apiVersion, source.paramsDocument],
  ] as const;
  return files
    .filter(([, apiVersion]) => apiVersion !== KUDO_API_VERSION)
    .map(([file, apiVersion, document]) => ({
      id: 'package-api-version',
      severity: 'error',
      file,
      ...(document?.positionOf(['apiVersion']) ?? START),
      message: `apiVersion ${apiVersion} is not known`,
      hint: `KUDO v0.19 reads ${KUDO_API_VERSION} only`,
    }));
}

/** KUDO's reader lets these pass, the API server does not. */
function nameProblems({ operator, operatorDocument }: PackageSource): Problem[] {
  const wanted = ['name', 'operatorVersion'] as const;
  return wanted
    .filter((field) => operator[field] === '')
    .map((field) => ({
      id: 'package-name',
      severity: 'error',
      file: OPERATOR_FILE_NAME,
      ...operatorDocument.positionOf([field]),
      message: `operator.yaml has no ${field}`,
    }));
}

/** `templates/**`: whatever has `.yaml` in its file name, by the path after the last `templates/` (parser.go:44-78). */
function readTemplates(
  files: ReadonlyMap<string, string>,
): Pick<PackageSource, 'templates' | 'templateFiles'> {
  const found = [...files]
    .filter(
      ([path]) => path.startsWith('templates') && /^templates.*\/[^/]*\.yaml[^/]*$/.test(path),
    )
    .toSorted(([a], [b]) => compareWalk(a, b))
    .map(([path, text]) => ({ name: path.split('templates/').at(-1) ?? path, path, text }));
  return {
    templates: Object.fromEntries(found.map(({ name, text }) => [name, text])),
    templateFiles: Object.fromEntries(found.map(({ name, path }) => [name, path])),
  };
}

/** The order in which Go walks a directory: names of one folder after another, sorted. */
function compareWalk(a: string, b: string): number {
  const [left, right] = [a, b].map((path) => path.replaceAll('/', '\0'));
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

function problem(id: string, file: string, message: string): Problem {
  return { id, severity: 'error', file, ...START, message };
}
