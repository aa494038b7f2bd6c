import type { Failure } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import type { CommandContext } from './command-context.ts';

/** Says what failed and what to do about it, on standard error. */
export function printFailure({ message, hint }: Failure, context: CommandContext): void {
  const advice = hint === undefined ? '' : `\n  → ${hint}`;
  context.err(redactText(`kudo-gitops: ${message}${advice}\n`));
}
