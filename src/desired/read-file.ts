import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import { parseYamlDocuments } from '../lib/go-yaml.ts';
import type {
  DesiredObject,
  DesiredPlanRun,
  DesiredPlanSchedule,
  RefusedRun,
} from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import { classifyDocument, type OurKind } from './classify-document.ts';
import type { FileSettings } from './file-settings.ts';
import type { InstanceDraft } from './instance-draft.ts';
import { readPackagePin, type PackagePin } from './package-pin.ts';
import { ProblemList } from './problem-list.ts';
import { readInstance } from './read-instance.ts';
import { readPlanRun, readPlanSchedule } from './read-plan-run.ts';
import { readOperator, readOperatorVersion } from './read-operator.ts';
import type { DesiredFile } from './select-files.ts';
import { keyPosition, type SourceDocument } from './source-document.ts';

/** All that one YAML file says; nothing in it depends on other files. */
export interface FileReading {
  readonly instances: readonly InstanceDraft[];
  readonly operators: readonly DesiredObject<Operator>[];
  readonly operatorVersions: readonly DesiredObject<OperatorVersion>[];
  readonly packages: readonly PackagePin[];
  readonly planRuns: readonly DesiredPlanRun[];
  readonly planSchedules: readonly DesiredPlanSchedule[];
  /** Objects of which something is wrong. */
  readonly unusable: readonly { readonly kind: OurKind; readonly key: ObjectKey }[];
  readonly refusedRuns: readonly RefusedRun[];
  /** False when the file may say something about objects that are not known. */
  readonly isWhole: boolean;
  readonly problems: readonly Problem[];
  readonly documents: number;
}

/** Reads every document of a YAML file; what is wrong with one leaves the others alone. */
export function readFile({ path, text }: DesiredFile, settings: FileSettings): FileReading {
  const { maxFileLength: maxLength, maxDocuments, maxProblems } = settings.limits;
  const { documents, errors } = parseYamlDocuments(text, { maxLength, maxDocuments });
  const problems = new ProblemList(maxProblems);
  for (const { message, ...place } of errors) {
    problems.error(
      { file: path, ...place },
      { id: 'invalid-yaml', message: `not YAML: ${message}` },
    );
  }
  const read = documents.map((yaml) => readDocument({ file: path, yaml }, settings, problems));
  return {
    instances: read.flatMap(({ instance }) => instance ?? []),
    operators: read.flatMap(({ operator }) => operator ?? []),
    operatorVersions: read.flatMap(({ operatorVersion }) => operatorVersion ?? []),
    packages: read.flatMap(({ package: pin }) => pin ?? []),
    planRuns: read.flatMap(({ planRun }) => planRun ?? []),
    planSchedules: read.flatMap(({ planSchedule }) => planSchedule ?? []),
    unusable: read.flatMap(({ unusable }) => unusable ?? []),
    refusedRuns: read.flatMap(({ refusedRun }) => refusedRun ?? []),
    isWhole: errors.length === 0 && read.every(({ isUnknown }) => isUnknown !== true),
    problems: problems.sorted(),
    documents: documents.length,
  };
}

interface DocumentReading {
  readonly instance?: InstanceDraft | undefined;
  readonly operator?: DesiredObject<Operator> | undefined;
  readonly operatorVersion?: DesiredObject<OperatorVersion> | undefined;
  readonly package?: PackagePin | undefined;
  readonly planRun?: DesiredPlanRun | undefined;
  readonly planSchedule?: DesiredPlanSchedule | undefined;
  readonly unusable?: FileReading['unusable'][number] | undefined;
  readonly refusedRun?: RefusedRun | undefined;
  readonly isUnknown?: boolean | undefined;
}

function readDocument(
  document: SourceDocument,
  settings: FileSettings,
  problems: ProblemList,
): DocumentReading {
  const found = classifyDocument(document.yaml.value);
  if (found.kind === 'foreign') return {};
  if (found.kind === 'warning') {
    problems.warning(keyPosition(document, found.path), problemText(found));
    return {};
  }
  if (found.kind === 'error') {
    problems.error(keyPosition(document, found.path), problemText(found));
    return brokenObject(document, settings);
  }
  return READERS[found.kind](document, settings, problems) ?? brokenObject(document, settings);
}

/** Undefined when something in the document is wrong. */
type Reader = (
  document: SourceDocument,
  settings: FileSettings,
  problems: ProblemList,
) => DocumentReading | undefined;

const READERS: Readonly<Record<OurKind, Reader>> = {
  Instance: (document, { targetNamespace }, problems) => {
    const instance = readInstance(document, targetNamespace, problems);
    return instance && { instance };
  },
  Operator: (document, settings, problems) => {
    const operator = readOperator(document, settings, problems);
    return operator && { operator };
  },
  OperatorVersion: (document, settings, problems) => {
    const operatorVersion = readOperatorVersion(document, settings, problems);
    return operatorVersion && { operatorVersion };
  },
  Package: (document, { targetNamespace }, problems) => {
    const pin = readPackagePin(document, targetNamespace, problems);
    return pin && { package: pin };
  },
  PlanRun: (document, { targetNamespace }, problems) => {
    const planRun = readPlanRun(document, targetNamespace, problems);
    return planRun && { planRun };
  },
  PlanSchedule: (document, { targetNamespace }, problems) => {
    const planSchedule = readPlanSchedule(document, targetNamespace, problems);
    return planSchedule && { planSchedule };
  },
};

function problemText(found: { id: string; message: string; hint?: string | undefined }) {
  return { id: found.id, message: found.message, hint: found.hint };
}

/** A document with an error still says which object it is about, or else nothing is sure about its file. */
function brokenObject(
  document: SourceDocument,
  { targetNamespace }: FileSettings,
): DocumentReading {
  const { kind, metadata } = document.yaml.value as Record<string, unknown>;
  if (typeof metadata !== 'object' || metadata === null) return { isUnknown: true };
  const { name, namespace = targetNamespace } = metadata as Record<string, unknown>;
  if (typeof name !== 'string' || typeof namespace !== 'string') return { isUnknown: true };
  const ours = KINDS.find((known) => known === kind) ?? 'Instance';
  const key: ObjectKey = `${namespace}/${name}`;
  const isRun = ours === 'PlanRun';
  return {
    unusable: { kind: ours, key },
    refusedRun: isRun ? meantBefore(key, namespace, document) : undefined,
  };
}

/** Where the word `before` stands in a wrong place, it was meant all the same. */
function meantBefore(
  key: ObjectKey,
  namespace: string,
  { yaml }: SourceDocument,
): RefusedRun | undefined {
  const { spec } = yaml.value as Record<string, unknown>;
  if (typeof spec !== 'object' || spec === null) return undefined;
  const { instance } = spec as Record<string, unknown>;
  const isBefore = Object.values(spec).includes('before');
  return isBefore && typeof instance === 'string'
    ? { key, instance: `${namespace}/${instance}` }
    : undefined;
}

const KINDS: readonly OurKind[] = [
  'Operator',
  'OperatorVersion',
  'Package',
  'PlanRun',
  'PlanSchedule',
];
