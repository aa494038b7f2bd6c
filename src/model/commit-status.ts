/** The four states that every forge knows under some name. */
export type CommitState = 'pending' | 'success' | 'failure' | 'error';

/** One line under a commit. */
export interface CommitStatus {
  readonly context: string;
  readonly state: CommitState;
  readonly description: string;
  readonly targetUrl?: string | undefined;
}
