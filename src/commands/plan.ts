import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { planAbandonCommand } from './plan-abandon.ts';
import { planHistoryCommand } from './plan-history.ts';
import { planRetryCommand } from './plan-retry.ts';
import { planRunCommand } from './plan-run.ts';

/** `kudo-gitops plan …`: what people do about plans that Git does not say. */
export function planCommand(context: CommandContext): Command {
  return new Command('plan')
    .description('run plans, run failed ones again, give up those that hang, list those that ran')
    .addCommand(planRunCommand(context))
    .addCommand(planHistoryCommand(context))
    .addCommand(planRetryCommand(context))
    .addCommand(planAbandonCommand(context));
}
