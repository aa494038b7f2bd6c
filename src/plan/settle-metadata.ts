import { isMetadataKind } from '../model/change.ts';
import { parseToken, tokenId } from '../model/change-token.ts';
import { ANNOTATION } from '../model/names.ts';
import type { InstanceSituation, NumberedRecord } from './instance-situation.ts';

/** True when a change of metadata that was being sent has been written: its trace is on the Instance. */
export function isMetadataWritten(
  { n, record }: NumberedRecord,
  { observed, plan, rolloutUid }: InstanceSituation,
): boolean {
  if (!observed || !isMetadataKind(record.kind)) return false;
  const { annotations = {} } = observed.metadata;
  switch (record.kind) {
    case 'adopt': {
      const id = record.token ?? tokenId(rolloutUid, n, record.attempt);
      return parseToken(annotations[ANNOTATION.adopted])?.id === id;
    }
    case 'release':
      return annotations[ANNOTATION.owner] === undefined;
    case 'annotate':
      return !plan.changes.some(({ kind }) => kind === 'annotate');
  }
}
