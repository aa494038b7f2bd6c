import { resolvePackage } from '../kudo/package-dependencies.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type { DesiredObject, MadeFrom } from '../model/desired.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { isObjectName } from './check-name.ts';
import type { PackageFolder } from './find-packages.ts';
import { settleNamedDependencies, type Unsettled } from './named-dependencies.ts';
import { candidatesIn, type PackageGroup } from './package-group.ts';
import { packageHash } from './package-hash.ts';
import { packagePlace, reportInPackage } from './package-problems.ts';
import { toDesiredObject } from './read-operator.ts';
import type { Reading } from './reading.ts';

/**
 * Turns packages into Operators and OperatorVersions, dependencies resolved among them. A package with an
 * error, or with a dependency that has one, is left out.
 */
export function readPackages(groups: readonly PackageGroup[], reading: Reading): void {
  const made = groups.flatMap((group) =>
    group.folders.flatMap((found) => {
      const usable = usablePackage(found, { group, groups, reading });
      return usable
        ? [{ layer: found.layer, ...toObjects(found, usable, { group, reading }) }]
        : [];
    }),
  );
  // Two versions of one package share their Operator: the last one says what it is.
  const operators = new Map(made.map((one) => [`${one.layer} ${one.operator.key}`, one]));
  for (const { layer, operator } of operators.values()) reading.operators.add(layer, operator);
  // Several Packages may name the same bytes, such as those of a package that they depend on.
  const versions = new Map(
    made.map((one) => [`${one.layer} ${one.version.key} ${identity(one.version)}`, one]),
  );
  for (const { layer, version } of versions.values()) reading.operatorVersions.add(layer, version);
}

function identity({ contentHash, madeFrom, position }: DesiredObject<OperatorVersion>): string {
  return madeFrom?.isPinned === true ? contentHash : `${position.file}:${position.line}`;
}

interface At {
  readonly group: PackageGroup;
  readonly reading: Reading;
}

interface Usable {
  readonly operator: Operator;
  readonly operatorVersion: OperatorVersion;
}

function usablePackage(
  found: PackageFolder,
  at: At & { readonly groups: readonly PackageGroup[] },
): Usable | undefined {
  const read = at.group.readings.get(found.folder);
  for (const problem of read?.problems ?? []) reportInPackage(problem, found, at);
  const operator = read?.operator;
  const operatorVersion = resolve(found, at);
  if (!operator || !operatorVersion) return undefined;
  const isUsable =
    hasUsableNames(found, [operator, operatorVersion], at) && isWanted(found, operatorVersion, at);
  return isUsable ? { operator, operatorVersion } : undefined;
}

function resolve(
  found: PackageFolder,
  { group, groups, reading }: At & { readonly groups: readonly PackageGroup[] },
): OperatorVersion | undefined {
  const resolved = resolvePackage(found.folder, group.readings);
  if (!resolved) return undefined;
  for (const problem of resolved.problems) reportInPackage(problem, found, { group, reading });
  const candidates = candidatesIn(group.namespace, groups);
  const isFromRepository = group.pinned?.source.kind === 'repository';
  const named = settleNamedDependencies(resolved.operatorVersion, candidates, !isFromRepository);
  for (const one of named.unsettled) reportUnsettled(one, found, { group, reading });
  const isUsable = resolved.problems.length === 0 && named.unsettled.length === 0;
  return isUsable ? named.operatorVersion : undefined;
}

function reportUnsettled(
  { index, message, package: name }: Unsettled,
  found: PackageFolder,
  { group, reading }: At,
): void {
  const { pinned } = group;
  const own = pinned?.source.kind === 'repository' ? HINTS.pin : HINTS.own;
  const hint = pinned?.load.advice?.get(name) ?? own;
  const place = packagePlace(found, ['tasks', index, 'spec', 'package'], group);
  reading.problems.error(place, { id: 'package-dependency', message: said(message, group), hint });
}

const HINTS = {
  own: 'write its folder, beginning with ./ or ../, or pin operatorVersion',
  pin: 'pin it in spec.repository.dependencies of the Package, or by a Package of its own',
};

function said(message: string, { pinned, readings }: PackageGroup): string {
  const name = pinned && readings.get(pinned.load.root)?.operatorVersion?.spec?.operator?.name;
  return name === undefined ? message : `${name} depends on a package: ${message}`;
}

function hasUsableNames(
  found: PackageFolder,
  objects: readonly KubeObject[],
  { group, reading }: At,
): boolean {
  const wrong = objects.find(({ metadata }) => !isObjectName(metadata.name));
  if (!wrong) return true;
  const message = `${JSON.stringify(wrong.metadata.name)} cannot be the name of an ${wrong.kind}`;
  const hint = 'name and versions take lower-case letters, digits, "-" and "."';
  reading.problems.error(packagePlace(found, ['name'], group), {
    id: 'invalid-name',
    message,
    hint,
  });
  return false;
}

/** The bytes have the digest that Git says; that they are the package that it says is another matter. */
function isWanted(
  { folder }: PackageFolder,
  { spec }: OperatorVersion,
  { group: { pinned }, reading }: At,
): boolean {
  if (pinned?.source.kind !== 'repository' || folder !== pinned.load.root) return true;
  const { operator, operatorVersion, appVersion } = pinned.source;
  const own = spec ?? {};
  const is = textOf(own.operator?.name, own.appVersion, own.version);
  const wanted = appVersion === '' ? own.appVersion : appVersion;
  if (is === textOf(operator, wanted, operatorVersion)) return true;
  const message = `the tarball with this sha256 is ${is}, not what the Package says`;
  const hint = 'mend operator, operatorVersion and appVersion, or sha256';
  reading.problems.error(pinned.position, { id: 'package-not-loaded', message, hint });
  return false;
}

function textOf(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

function toObjects(
  found: PackageFolder,
  { operator, operatorVersion }: Usable,
  { group, reading }: At,
): {
  readonly operator: DesiredObject<Operator>;
  readonly version: DesiredObject<OperatorVersion>;
} {
  const { settings, trees } = reading;
  const position = packagePlace(found, ['name'], group);
  const tree = trees.get(found.folder);
  const source = group.pinned?.load.origin ?? (tree === undefined ? undefined : `git-tree:${tree}`);
  const madeFrom: MadeFrom = {
    packageHash: packageHash(found.files, operatorVersion, settings.hash),
    ...(source === undefined ? {} : { source }),
    ...(group.pinned ? { isPinned: true } : {}),
  };
  const inNamespace = <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, namespace: group.namespace },
  });
  return {
    operator: toDesiredObject(inNamespace(operator), position, settings, madeFrom),
    version: toDesiredObject(inNamespace(operatorVersion), position, settings, madeFrom),
  };
}
