import {
  KUDO_API_VERSION,
  type Operator,
  type OperatorSpec,
  type OperatorVersion,
  type OperatorVersionSpec,
} from '../kudo/objects.ts';
import type { DesiredObject, MadeFrom } from '../model/desired.ts';
import { keyOf, type KubeObject } from '../model/kube-object.ts';
import { canonicalJson } from './canonical-json.ts';
import { checkMetadata } from './check-name.ts';
import { OperatorShape, OperatorVersionShape } from './object-shapes.ts';
import type { ProblemList } from './problem-list.ts';
import type { FileSettings } from './file-settings.ts';
import { checkShape } from './shape-problems.ts';
import { keyPosition, type SourceDocument } from './source-document.ts';

/** A plain Operator; undefined when something in it is wrong, which `problems` then names. */
export function readOperator(
  document: SourceDocument,
  settings: FileSettings,
  problems: ProblemList,
): DesiredObject<Operator> | undefined {
  const shaped = checkShape(document, OperatorShape, problems);
  if (!shaped || !checkMetadata(document, shaped.metadata, problems)) return undefined;
  const metadata = plainMetadata(shaped.metadata, settings.targetNamespace);
  const spec = (shaped.spec ?? {}) as OperatorSpec;
  const object: Operator = { apiVersion: KUDO_API_VERSION, kind: 'Operator', metadata, spec };
  return toDesiredObject(object, keyPosition(document, ['metadata', 'name']), settings);
}

/** A plain OperatorVersion. */
export function readOperatorVersion(
  document: SourceDocument,
  settings: FileSettings,
  problems: ProblemList,
): DesiredObject<OperatorVersion> | undefined {
  const shaped = checkShape(document, OperatorVersionShape, problems);
  if (!shaped || !checkMetadata(document, shaped.metadata, problems)) return undefined;
  const metadata = plainMetadata(shaped.metadata, settings.targetNamespace);
  const spec = shaped.spec as OperatorVersionSpec;
  const object: OperatorVersion = {
    apiVersion: KUDO_API_VERSION,
    kind: 'OperatorVersion',
    metadata,
    spec,
  };
  return toDesiredObject(object, keyPosition(document, ['metadata', 'name']), settings);
}

/** The object with its key and the hash of everything that it says. */
export function toDesiredObject<T extends KubeObject>(
  object: T,
  position: DesiredObject<T>['position'],
  { hash }: Pick<FileSettings, 'hash'>,
  madeFrom?: MadeFrom,
): DesiredObject<T> {
  return {
    key: keyOf(object),
    object,
    position,
    contentHash: hash(canonicalJson(object)),
    ...(madeFrom === undefined ? {} : { madeFrom }),
  };
}

function plainMetadata(
  metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | null | undefined;
    readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  },
  targetNamespace: string,
) {
  const { name, namespace = targetNamespace, labels, annotations } = metadata;
  return {
    name,
    namespace,
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
  };
}
