import * as z from 'zod';
import { Failure } from '../lib/failure.ts';

/** A commit in a payload; anything else would end up in paths and refs. */
export const Sha = z.string().regex(/^[0-9a-f]{40}$/);

/** A repository's name in a payload, as it is compared. */
export const RepositoryName = z
  .string()
  .max(1_024)
  .transform((name) => name.toLowerCase());

/**
 * A delivery's body, of which nothing is believed yet.
 *
 * @param hint how the webhook has to be set up to send something readable
 * @throws {Failure} `invalid`
 */
export function parsePayload<T>(
  schema: z.ZodType<T>,
  { event, body }: { readonly event: string; readonly body: Uint8Array },
  hint: string,
): T {
  const read = schema.safeParse(parseJson(body));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new Failure(
    'invalid',
    `the ${event.slice(0, 64)} webhook cannot be read: ${where}: ${issue?.message ?? ''}`,
    { hint },
  );
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
