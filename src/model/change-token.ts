/** What a write leaves on an Instance so that it is recognised after a crash (annotation `gitops.kudo.dev/change`). */
export interface ChangeToken {
  /** `<Rollout uid>/<n>/<attempt>`: the identity. */
  readonly id: string;
  /** The plan expected to run; undefined when none is. */
  readonly plan: string | undefined;
  /** uid of that plan's last run before the write. */
  readonly uidBefore: string | undefined;
}

export function tokenId(rolloutUid: string, n: number, attempt: number): string {
  return `${rolloutUid}/${String(n)}/${String(attempt)}`;
}

export function formatToken(token: ChangeToken): string {
  return `${token.id} ${token.plan ?? '-'} ${token.uidBefore ?? '-'}`;
}

/** Undefined for a missing or foreign text; only the first word is needed to compare. */
export function parseToken(text: string | undefined): ChangeToken | undefined {
  const [id, plan = '-', uidBefore = '-'] = (text ?? '').split(' ');
  if (!id) return undefined;
  return { id, plan: named(plan), uidBefore: named(uidBefore) };
}

const named = (word: string): string | undefined => (word === '-' ? undefined : word);
