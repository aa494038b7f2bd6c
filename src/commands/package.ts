import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { packageBuildCommand } from './package-build.ts';
import { packageIndexCommand } from './package-index.ts';
import { packageLintCommand } from './package-lint.ts';
import { packageRenderCommand } from './package-render.ts';

/** `kudo-gitops package …`: for those who write operator packages; needs no cluster. */
export function packageCommand(context: CommandContext): Command {
  return new Command('package')
    .description('check, try and build operator packages; needs neither cluster nor network')
    .addCommand(packageLintCommand(context))
    .addCommand(packageRenderCommand(context))
    .addCommand(packageBuildCommand(context))
    .addCommand(packageIndexCommand(context));
}
