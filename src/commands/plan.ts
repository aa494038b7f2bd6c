import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { planAbandonCommand } from './plan-abandon.ts';
import { planRetryCommand } from './plan-retry.ts';

/** `kudo-gitops plan …`: what people do about plans that Git does not say. */
export function planCommand(context: CommandContext): Command {
  return new Command('plan')
    .description('run failed plans again, give up plans that hang')
    .addCommand(planRetryCommand(context))
    .addCommand(planAbandonCommand(context));
}
