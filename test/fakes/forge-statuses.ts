/** Where the sandbox's forge is, and who asks. */
export interface ForgeAccess {
  readonly url: string;
  readonly token: string;
}

/** A status as the forge keeps it. */
export type KeptStatus = Readonly<Record<'context' | 'status' | 'description', string>>;

/** Every status (at most 50) under a commit of `owner/name`, oldest first. */
export async function keptStatuses(
  { url, token }: ForgeAccess,
  repository: string,
  commit: string,
): Promise<readonly KeptStatus[]> {
  const path = `/api/v1/repos/${repository}/statuses/${commit}?limit=50`;
  const headers = { authorization: `token ${token}` };
  const response = await fetch(url + path, { headers });
  return ((await response.json()) as KeptStatus[]).toReversed();
}
