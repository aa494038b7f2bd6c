import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type {
  DesiredInstance,
  DesiredObject,
  DesiredPlanRun,
  DesiredPlanSchedule,
  DesiredState,
} from '../model/desired.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import { checkParameters } from './check-parameters.ts';
import { DesiredCache } from './desired-cache.ts';
import { findPackages } from './find-packages.ts';
import { overlay, toDesiredInstance, type InstanceDraft } from './instance-draft.ts';
import { finishPlans } from './finish-plans.ts';
import { byKey, lastWins, LayeredObjects } from './layered-objects.ts';
import { ownGroup } from './package-group.ts';
import type { PackageLoad, PackagePin } from './package-pin.ts';
import { ProblemList } from './problem-list.ts';
import { readFile, type FileReading } from './read-file.ts';
import { readPins } from './read-pins.ts';
import { readPackages } from './read-packages.ts';
import type { Reading } from './reading.ts';
import {
  isBelow,
  isYaml,
  normalizePath,
  selectFiles,
  type DesiredFile,
  type LayeredFile,
} from './select-files.ts';
import { UnreadableFiles } from './unreadable-files.ts';

/** Bounds on what one revision may say. */
export interface DesiredLimits {
  readonly maxFileLength: number;
  readonly maxDocuments: number;
  readonly maxProblems: number;
}

export const DESIRED_LIMITS: DesiredLimits = {
  maxFileLength: 1024 * 1024,
  maxDocuments: 20_000,
  maxProblems: 200,
};

/** A file, or a folder of files, that could not be read as text. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
  readonly hint?: string | undefined;
  /** Where that is written, when not in the file itself. */
  readonly place?: { readonly file: string; readonly line: number } | undefined;
  /** True when any file may be in it. */
  readonly isFolder?: boolean | undefined;
}

export interface ReadDesiredOptions {
  /** Folders or files; later ones are layers over earlier ones. */
  readonly paths: readonly string[];
  /** Namespace of packages, and of objects that name none. */
  readonly targetNamespace: string;
  /** A collision-free hash of a text, such as SHA-256. */
  readonly hash: (text: string) => string;
  /** Files below the paths that could not be read as text, and why. */
  readonly skipped?: readonly SkippedFile[] | undefined;
  /** Of the paths, those that the revision does not have. */
  readonly missingPaths?: readonly string[] | undefined;
  /** Git tree hash by folder, where the files are those of a commit. */
  readonly trees?: ReadonlyMap<string, string> | undefined;
  /** What became of the packages that `findPackagePins` names, by `sourceId`. */
  readonly loads?: ReadonlyMap<string, PackageLoad> | undefined;
  readonly limits?: Partial<DesiredLimits> | undefined;
  /** Of the same Sync; unchanged files of the revision read before are not parsed again. */
  readonly cache?: DesiredCache | undefined;
}

/**
 * What the files of a revision say. Never throws for what stands in a file: a mistake is a problem
 * with its place, costs the object that it is in and no other, and makes the state `incomplete`.
 */
export function readDesired(
  files: readonly DesiredFile[],
  options: ReadDesiredOptions,
): DesiredState<Operator, OperatorVersion> {
  const limits = { ...DESIRED_LIMITS, ...options.limits };
  const reading = startReading(options, limits);
  reportUnread(options, reading);
  const selected = selectFiles(files, options.paths);
  reportEmptyPaths(selected, options, reading);
  const { packages, others } = findPackages(selected);
  readFiles(others, reading);
  const { groups, isWhole } = readPins(options.loads, reading);
  readPackages([ownGroup(packages, reading), ...groups], reading);
  reading.cache.endRevision();
  return finish(reading, isWhole);
}

function startReading(options: ReadDesiredOptions, limits: DesiredLimits): Reading {
  const problems = new ProblemList(limits.maxProblems);
  const layers = options.paths.length;
  return {
    settings: { targetNamespace: options.targetNamespace, hash: options.hash, limits },
    cache: options.cache ?? new DesiredCache(),
    problems,
    unreadable: new UnreadableFiles(),
    trees: options.trees ?? new Map(),
    instances: new LayeredObjects<InstanceDraft>('Instance', layers, problems),
    operators: new LayeredObjects<DesiredObject<Operator>>('Operator', layers, problems),
    operatorVersions: new LayeredObjects<DesiredObject<OperatorVersion>>(
      'OperatorVersion',
      layers,
      problems,
    ),
    packages: new LayeredObjects<PackagePin>('Package', layers, problems),
    planRuns: new LayeredObjects<DesiredPlanRun>('PlanRun', layers, problems),
    planSchedules: new LayeredObjects<DesiredPlanSchedule>('PlanSchedule', layers, problems),
    refusedRuns: [],
  };
}

function reportUnread({ skipped = [], paths }: ReadDesiredOptions, reading: Reading): void {
  const roots = paths.map(normalizePath);
  for (const { path, reason, hint, place: named, isFolder = false } of skipped) {
    const mayBeFolder = !isFolder && !/\.[a-z0-9]+$/i.test(path);
    if (!isYaml(path) && !mayBeFolder && !isFolder) continue;
    const text = { id: 'skipped', message: `not read: ${reason}`, hint };
    const place = { file: path, line: 1, ...named, column: 1 };
    if (mayBeFolder) reading.problems.warning(place, text);
    else reading.problems.error(place, text);
    const layer = roots.findLastIndex((root) => isBelow(path, root));
    reading.unreadable.add({ path, layer, text: mayBeFolder ? '' : undefined });
  }
}

function reportEmptyPaths(
  files: readonly LayeredFile[],
  { paths, missingPaths = [] }: ReadDesiredOptions,
  reading: Reading,
): void {
  for (const [layer, path] of paths.entries()) {
    const isMissing = missingPaths.includes(path);
    const root = normalizePath(path);
    if (!isMissing && files.some((file) => isBelow(file.path, root))) continue;
    const place = { file: root === '' ? '.' : root, line: 1, column: 1 };
    const message = isMissing ? 'there is no such path' : 'there is no YAML file below this path';
    const hint = `spec.paths[${layer}] of the Sync names it`;
    reading.problems.error(place, { id: 'missing-path', message, hint });
    reading.unreadable.add({ path, layer, text: undefined });
  }
}

function readFiles(files: readonly LayeredFile[], reading: Reading): void {
  const { settings, cache, problems, unreadable } = reading;
  const { maxDocuments } = settings.limits;
  let documents = 0;
  for (const file of files) {
    const read = cache.file(file.path, file.text, () => readFile(file, settings));
    documents += read.documents;
    if (documents <= maxDocuments) {
      addFile(file, read, reading);
      continue;
    }
    const message = `left out: the revision has more than ${maxDocuments} documents`;
    const place = { file: file.path, line: 1, column: 1 };
    problems.error(place, { id: 'too-many-documents', message });
    unreadable.add(file);
  }
}

function addFile(file: LayeredFile, read: FileReading, reading: Reading): void {
  const { instances, operators, operatorVersions, packages, planRuns, planSchedules } = reading;
  for (const instance of read.instances) instances.add(file.layer, instance);
  for (const operator of read.operators) operators.add(file.layer, operator);
  for (const version of read.operatorVersions) operatorVersions.add(file.layer, version);
  for (const pin of read.packages) packages.add(file.layer, pin);
  for (const run of read.planRuns) planRuns.add(file.layer, run);
  for (const schedule of read.planSchedules) planSchedules.add(file.layer, schedule);
  const byKind = {
    Instance: instances,
    Operator: operators,
    OperatorVersion: operatorVersions,
    Package: packages,
    PlanRun: planRuns,
    PlanSchedule: planSchedules,
  };
  for (const { kind, key } of read.unusable) byKind[kind].markUnusable(key);
  reading.refusedRuns.push(...read.refusedRuns);
  if (!read.isWhole) reading.unreadable.add(file);
  reading.problems.addAll(read.problems);
}

function finish(reading: Reading, isWhole: boolean): DesiredState<Operator, OperatorVersion> {
  const { problems } = reading;
  const operators = byKey(reading.operators.merged(lastWins).map(({ object }) => object));
  const versions = byKey(reading.operatorVersions.merged(lastWins).map(({ object }) => object));
  const instances = finishInstances(reading, versions);
  return {
    operators,
    operatorVersions: versions,
    instances,
    ...finishPlans(reading, { instances, versions }),
    problems: problems.sorted(),
    incomplete: !isWhole || problems.errors > 0 || !reading.unreadable.isEmpty,
    mayHave: (key) =>
      !instances.has(key) &&
      (reading.instances.isNamed(key) || reading.unreadable.mayName(splitKey(key).name)),
  };
}

/** The OperatorVersion whose parameters a draft was found to fit. */
const fitting = new WeakMap<InstanceDraft, OperatorVersion>();

/** Checks what was not found good before; a mistake is found, and reported, each time. */
function fitsVersion(
  draft: InstanceDraft,
  version: OperatorVersion,
  problems: ProblemList,
): boolean {
  if (fitting.get(draft) === version) return true;
  const fits = checkParameters(draft, version, problems);
  if (fits) fitting.set(draft, version);
  return fits;
}

function finishInstances(
  { instances, unreadable, problems }: Reading,
  versions: ReadonlyMap<ObjectKey, DesiredObject<OperatorVersion>>,
): ReadonlyMap<ObjectKey, DesiredInstance> {
  const finished: DesiredInstance[] = [];
  for (const { object: draft, layers } of instances.merged(overlay)) {
    const instance = toDesiredInstance(draft);
    if (!instance) {
      const message = `no file names the operatorVersion of ${draft.key}`;
      const hint = 'write spec.operatorVersion.name';
      problems.error(draft.position, { id: 'missing-operator-version', message, hint });
      continue;
    }
    const { name, namespace = draft.namespace } = instance.operatorVersion;
    const version = versions.get(`${namespace}/${name}`);
    const fits = !version || fitsVersion(draft, version.object, problems);
    if (fits && !unreadable.holds(draft, layers, problems)) finished.push(instance);
  }
  return byKey(finished);
}
