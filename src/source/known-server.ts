import { Failure } from '../lib/failure.ts';

/**
 * What earlier answers of a Git server told of it, so that it need not be asked again each time. A server
 * may have become another: what fails with this knowledge is done once more without it.
 */
export class KnownServer {
  /** It lists refs by protocol version 2. */
  speaksVersion2 = false;
  /** What its upload-pack can do, as it announces that in version 0; undefined when not known. */
  capabilities: string | undefined;

  forget(): void {
    this.speaksVersion2 = false;
    this.capabilities = undefined;
  }
}

/** Whether a failure may come from what was known of the server, and not from credentials or a limit. */
export function mayHaveChanged(thrown: unknown): boolean {
  if (!(thrown instanceof Failure)) return false;
  const { kind, retryAfterMs } = thrown;
  return (
    kind === 'invalid' ||
    kind === 'missing' ||
    (kind === 'unreachable' && retryAfterMs === undefined)
  );
}
