import type { Comment, Forge } from '../forge/forge.ts';
import type { Scope } from '../lib/scope.ts';

export type CommentForge = Pick<Forge, 'comments' | 'createComment' | 'editComment' | 'whoAmI'>;

export interface WantedComment {
  readonly pullRequest: number;
  /** Stands in the body of this comment and of no other. */
  readonly marker: string;
  readonly body: string;
  /** False when the comment is only kept up to date where it is there already. */
  readonly mayCreate: boolean;
}

/**
 * Makes our one comment say `body`: found by its marker and by who wrote it, edited in place, and only
 * when it says something else. Throws the forge's Failure.
 */
export async function upsertComment(
  { pullRequest, marker, body, mayCreate }: WantedComment,
  forge: CommentForge,
  scope: Scope,
): Promise<'created' | 'edited' | 'unchanged'> {
  const marked = (await forge.comments(pullRequest, scope)).filter((comment) =>
    comment.body.includes(marker),
  );
  const ours = await oldestOfOurs(marked, forge, scope);
  if (!ours && !mayCreate) return 'unchanged';
  if (ours && normalized(ours.body) === normalized(body)) return 'unchanged';
  if (ours) await forge.editComment(pullRequest, ours.id, body, scope);
  else await forge.createComment(pullRequest, body, scope);
  const done = ours ? 'edited' : 'created';
  scope.log.info('preview comment written', { pullRequest, done });
  return done;
}

async function oldestOfOurs(
  marked: readonly Comment[],
  forge: CommentForge,
  scope: Scope,
): Promise<Comment | undefined> {
  if (marked.length === 0) return undefined;
  const me = await forge.whoAmI(scope);
  return marked.find(({ author }) => author === me);
}

/** Forges change line ends and trim. */
function normalized(body: string): string {
  return body.replaceAll('\r\n', '\n').trim();
}
