import { startSandbox, type Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Scope } from '../../src/lib/scope.ts';
import type { GiteaRepository } from '../cluster/gitea-api.ts';
import { withToken } from './git-person.ts';
import { PROGRAM_FOLDER } from './service-process.ts';

/** A sandbox with one repository, and how to reach all of it from other processes. */
export interface FleetSandbox {
  readonly sandbox: Sandbox;
  readonly kubeconfig: string;
  /** The bot's way to the forge. */
  readonly forge: { readonly url: string; readonly user: string; readonly token: string };
  /** `shop/fleet`. */
  readonly repository: GiteaRepository;
}

/** Starts a sandbox whose repository has these files, text by path. */
export async function startFleetSandbox(
  files: Readonly<Record<string, string>>,
  scope: Scope,
): Promise<FleetSandbox> {
  const { PATH } = process.env;
  const context = { env: { PATH }, version: 'test', programFolder: PROGRAM_FOLDER };
  const sandbox = await startSandbox({}, context, scope);
  const { git, kubeconfig, bot, user } = sandbox;
  const { url } = await git.createRepository('shop', 'fleet', files);
  const pushUrl = withToken(url, user.token);
  return {
    sandbox,
    kubeconfig,
    forge: { url: git.url, user: bot.login, token: bot.token },
    repository: { owner: 'shop', name: 'fleet', cloneUrl: url, pushUrl },
  };
}
