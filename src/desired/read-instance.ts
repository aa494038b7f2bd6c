import type { SourcePosition } from '../model/desired.ts';
import { ANNOTATION, GROUP } from '../model/names.ts';
import { encodeParameter } from '../kudo/parameter-values.ts';
import { checkAnnotations } from './check-annotations.ts';
import { checkMetadata } from './check-name.ts';
import { parseDependsOn } from './depends-on.ts';
import { positionsOf, type DraftParameter, type InstanceDraft } from './instance-draft.ts';
import { InstanceShape } from './object-shapes.ts';
import type { ProblemList } from './problem-list.ts';
import { checkShape } from './shape-problems.ts';
import { keyPosition, valuePosition, type SourceDocument } from './source-document.ts';

/** An Instance document as a draft; undefined when something in it is wrong, which `problems` then names. */
export function readInstance(
  document: SourceDocument,
  targetNamespace: string,
  problems: ProblemList,
): InstanceDraft | undefined {
  const shaped = checkShape(document, InstanceShape, problems);
  if (!shaped || !checkMetadata(document, shaped.metadata, problems)) return undefined;
  const { metadata, spec } = shaped;
  const { namespace = targetNamespace } = metadata;
  const parameters = readParameters(document, spec?.parameters ?? {}, problems);
  const annotations = readAnnotations(document, metadata.annotations, problems);
  if (!parameters || !annotations) return undefined;
  return {
    key: `${namespace}/${metadata.name}`,
    namespace,
    name: metadata.name,
    ...readReference(document, spec?.operatorVersion),
    parameters,
    labels: metadata.labels ?? {},
    ...annotations,
    position: keyPosition(document, ['metadata', 'name']),
  };
}

/** The annotations, and where ours stand; undefined when one of ours cannot be what it says. */
function readAnnotations(
  document: SourceDocument,
  written: Readonly<Record<string, string>> | null | undefined,
  problems: ProblemList,
): Pick<InstanceDraft, 'annotations' | 'annotationPositions'> | undefined {
  const annotations = written ?? {};
  const positionOf = (name: string): SourcePosition =>
    valuePosition(document, ['metadata', 'annotations', name]);
  const { wrong } = parseDependsOn(annotations[ANNOTATION.dependsOn], '');
  for (const message of wrong) {
    const hint = `write names of Instances, separated by commas: ${ANNOTATION.dependsOn}: "zookeeper, other-namespace/kafka"`;
    problems.error(positionOf(ANNOTATION.dependsOn), { id: 'invalid-depends-on', message, hint });
  }
  const isKnown = checkAnnotations(annotations, positionOf, problems);
  if (wrong.length > 0 || !isKnown) return undefined;
  const own = Object.keys(annotations).filter((name) => name.startsWith(`${GROUP}/`));
  const positions = own.map((name) => [name, positionOf(name)] as const);
  return { annotations, ...positionsOf(Object.fromEntries(positions)) };
}

function readReference(
  document: SourceDocument,
  written: { readonly name: string; readonly namespace?: string | undefined } | undefined,
): Pick<InstanceDraft, 'operatorVersion' | 'operatorVersionPosition'> {
  if (!written) return {};
  const { name, namespace } = written;
  return {
    operatorVersion: namespace === undefined ? { name } : { name, namespace },
    operatorVersionPosition: valuePosition(document, ['spec', 'operatorVersion', 'name']),
  };
}

function readParameters(
  document: SourceDocument,
  written: Readonly<Record<string, unknown>>,
  problems: ProblemList,
): ReadonlyMap<string, DraftParameter> | undefined {
  const before = problems.errors;
  const parameters = new Map<string, DraftParameter>();
  for (const [name, typed] of Object.entries(written)) {
    const path = ['spec', 'parameters', name];
    const position = keyPosition(document, path);
    const value = encodeParameter(typed);
    if (value === undefined) {
      const message = `parameter ${name} has no value`;
      const hint = 'write a value, "" for empty text, or take the line out to use the default';
      problems.error(position, { id: 'null-parameter', message, hint });
    } else {
      parameters.set(name, { value, position, valuePosition: valuePosition(document, path) });
    }
  }
  return problems.errors === before ? parameters : undefined;
}
