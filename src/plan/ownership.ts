import type { Instance } from '../kudo/objects.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';

/** Whose an existing Instance is. */
export type Ownership =
  | { readonly kind: 'ours' }
  /** Made by hand, by another tool, or by a Sync that is gone: it may be taken over. */
  | { readonly kind: 'nobodys'; readonly why: string }
  /** A child's parameters are its parent's; an Instance of another Sync stays with that one. */
  | { readonly kind: 'others'; readonly why: string; readonly hint: string };

/**
 * Whose `observed` is, by its owner annotation `<Sync uid>:<namespace>/<name>`. One that names another
 * Instance came along when somebody copied that one, and says nothing.
 *
 * @param syncUid undefined when no Sync asks: then the Instances of every Sync count as one's own
 * @param ownerName what to call the Sync of a uid; undefined for one that is gone
 */
export function ownershipOf(
  observed: Instance,
  key: ObjectKey,
  syncUid: string | undefined,
  ownerName: (uid: string) => string | undefined,
): Ownership {
  const parent = parentOf(observed);
  if (parent !== undefined) {
    const why = `it is a child of Instance ${parent}, whose plans set its parameters`;
    return { kind: 'others', why, hint: `take it out of Git, or set what ${parent} passes on` };
  }
  const uid = ownerUid(observed, key);
  if (uid === undefined) return { kind: 'nobodys', why: 'was not made by kudo-gitops' };
  if (syncUid === undefined || uid === syncUid) return { kind: 'ours' };
  const name = ownerName(uid);
  if (name === undefined) return { kind: 'nobodys', why: 'belonged to a Sync that is gone' };
  const hint = 'one Sync only may have it: take it out of the files of one of the two';
  return { kind: 'others', why: `it belongs to ${name}`, hint };
}

/** uid of the Sync that made this very Instance. */
export function ownerUid(observed: Instance, key: ObjectKey): string | undefined {
  const owner = observed.metadata.annotations?.[ANNOTATION.owner] ?? '';
  const colon = owner.indexOf(':');
  return colon > 0 && owner.slice(colon + 1) === key ? owner.slice(0, colon) : undefined;
}

/** Name of the Instance whose plan made this one. */
export function parentOf({ metadata }: Instance): string | undefined {
  return metadata.ownerReferences?.find(({ kind }) => kind === 'Instance')?.name;
}
