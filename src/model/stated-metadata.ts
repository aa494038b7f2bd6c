import type { DesiredInstance } from './desired.ts';
import { GROUP } from './names.ts';
import { formatWrittenKeys, valueHash } from './written-keys.ts';

/** Labels and annotations, each as `labels.<name>` or `annotations.<name>`. */
export type MetadataValues = ReadonlyMap<string, string>;

/** Labels and annotations that Git gives an Instance; decisions for us, which have rules of their own, aside. */
export function statedMetadata({
  labels,
  annotations,
}: Pick<DesiredInstance, 'labels' | 'annotations'>): MetadataValues {
  return new Map([...valuesOf('labels', labels), ...valuesOf('annotations', annotations)]);
}

/** The same of what an object of the cluster carries. */
export function carriedMetadata(metadata: {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}): MetadataValues {
  return statedMetadata({ labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} });
}

/** What annotation `gitops.kudo.dev/metadata` remembers of them: `<name>=<hash of the value>`. */
export function formatMetadata(values: MetadataValues): string {
  return formatWrittenKeys(new Map([...values].map(([name, value]) => [name, valueHash(value)])));
}

const KUBECTL = 'kubectl.kubernetes.io/last-applied-configuration';

function valuesOf(
  kind: 'labels' | 'annotations',
  values: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(values)
    .filter(([name]) => !name.startsWith(`${GROUP}/`) && name !== KUBECTL)
    .map(([name, value]) => [`${kind}.${name}`, value] as const);
}
