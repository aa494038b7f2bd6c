import { resolvePackage } from '../kudo/package-dependencies.ts';
import { withRuntimeFindings } from '../kudo/package-lint.ts';
import { OPERATOR_FILE_NAME, readPackage, type PackageReading } from '../kudo/package-reader.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type { DesiredObject, SourcePosition } from '../model/desired.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import { isObjectName } from './check-name.ts';
import type { PackageFolder } from './find-packages.ts';
import { settleNamedDependencies } from './named-dependencies.ts';
import { packageHash } from './package-hash.ts';
import { toDesiredObject } from './read-operator.ts';
import type { Reading } from './reading.ts';

/**
 * Turns package folders into Operators and OperatorVersions of the target namespace, dependencies
 * resolved among them. A package with an error, or with a dependency that has one, is left out.
 */
export function readPackages(folders: readonly PackageFolder[], reading: Reading): void {
  const readings = new Map(
    folders.map(({ folder, files }) => [
      folder,
      reading.cache.package(folder, files, () => withRuntimeFindings(readPackage(files))),
    ]),
  );
  const operators = new Map<string, { layer: number; object: DesiredObject<Operator> }>();
  for (const found of folders) {
    const usable = usablePackage(found, readings, reading);
    if (!usable) continue;
    const { operator, version } = toObjects(found, usable, reading);
    operators.set(`${found.layer} ${operator.key}`, { layer: found.layer, object: operator });
    reading.operatorVersions.add(found.layer, version);
  }
  // Two versions of one package share their Operator: the last folder says what it is.
  for (const { layer, object } of operators.values()) reading.operators.add(layer, object);
}

function toObjects(
  found: PackageFolder,
  { operator, operatorVersion }: { operator: Operator; operatorVersion: OperatorVersion },
  reading: Reading,
): {
  readonly operator: DesiredObject<Operator>;
  readonly version: DesiredObject<OperatorVersion>;
} {
  const { settings, trees } = reading;
  const position = place(found, ['name']);
  const tree = trees.get(found.folder);
  const madeFrom = {
    packageHash: packageHash(found.files, operatorVersion, settings.hash),
    ...(tree === undefined ? {} : { source: `git-tree:${tree}` }),
  };
  return {
    operator: toDesiredObject(inTarget(operator, reading), position, settings, madeFrom),
    version: toDesiredObject(inTarget(operatorVersion, reading), position, settings, madeFrom),
  };
}

type Readings = ReadonlyMap<string, PackageReading>;

function usablePackage(
  found: PackageFolder,
  readings: Readings,
  reading: Reading,
): { readonly operator: Operator; readonly operatorVersion: OperatorVersion } | undefined {
  const read = readings.get(found.folder);
  for (const problem of read?.problems ?? []) report(problem, found, reading);
  const operator = read?.operator;
  const operatorVersion = resolve(found, readings, reading);
  if (!operator || !operatorVersion) return undefined;
  return hasUsableNames(found, [operator, operatorVersion], reading)
    ? { operator, operatorVersion }
    : undefined;
}

function resolve(
  found: PackageFolder,
  readings: Readings,
  reading: Reading,
): OperatorVersion | undefined {
  const resolved = resolvePackage(found.folder, readings);
  if (!resolved) return undefined;
  for (const problem of resolved.problems) report(problem, found, reading);
  const inGit = [...readings.values()].flatMap(({ operatorVersion }) => operatorVersion ?? []);
  const named = settleNamedDependencies(resolved.operatorVersion, inGit);
  for (const { index, message } of named.unsettled) {
    const hint = 'write its folder, beginning with ./ or ../, or pin operatorVersion';
    const position = place(found, ['tasks', index, 'spec', 'package']);
    reading.problems.error(position, { id: 'package-dependency', message, hint });
  }
  const isUsable = resolved.problems.length === 0 && named.unsettled.length === 0;
  return isUsable ? named.operatorVersion : undefined;
}

function hasUsableNames(
  found: PackageFolder,
  objects: readonly KubeObject[],
  reading: Reading,
): boolean {
  const wrong = objects.find(({ metadata }) => !isObjectName(metadata.name));
  if (!wrong) return true;
  const message = `${JSON.stringify(wrong.metadata.name)} cannot be the name of an ${wrong.kind}`;
  const hint = 'name and versions take lower-case letters, digits, "-" and "."';
  reading.problems.error(place(found, ['name']), { id: 'invalid-name', message, hint });
  return false;
}

function inTarget<T extends KubeObject>(object: T, { settings }: Reading): T {
  const { targetNamespace: namespace } = settings;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function report(problem: Problem, found: PackageFolder, { problems }: Reading): void {
  const { severity, file, line, column, ...text } = problem;
  const position = { file: inFolder(found, file), line, column };
  if (severity === 'error') problems.error(position, text);
  else problems.warning(position, text);
}

function place(found: PackageFolder, path: readonly (string | number)[]): SourcePosition {
  const { line, column } = found.operatorYaml?.positionOf(path) ?? { line: 1, column: 1 };
  return { file: inFolder(found, OPERATOR_FILE_NAME), line, column };
}

function inFolder({ folder }: PackageFolder, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}
