import { rm, writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Cleanup } from '../lib/cleanup.ts';
import { Failure } from '../lib/failure.ts';
import { untilStopped, unstoppable } from '../lib/scope.ts';
import type { CommandContext } from './command-context.ts';
import { outputOption, structured, withExamples } from './output.ts';
import { readFolder } from './read-folder.ts';
import type { Sandbox } from './start-sandbox.ts';

interface RepositoryWish {
  readonly owner: string;
  readonly name: string;
  readonly folder: string;
}

interface SandboxCommandOptions {
  readonly port: number;
  readonly gitPort: number;
  readonly kubeconfigOut?: string;
  readonly repository: readonly RepositoryWish[];
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops sandbox`: a Kubernetes API server, KUDO's engine and a Git server, and nothing else. */
export function sandboxCommand(context: CommandContext): Command {
  const command = new Command('sandbox')
    .summary('a Kubernetes API server with KUDO, and a Git server')
    .description(
      "start a Kubernetes API server, an engine that runs KUDO's plans and a Git server with a small forge, on loopback and in memory, until Ctrl-C",
    )
    .addOption(portOption('--port <number>', 'port of the Kubernetes API server; 0 for a free one'))
    .addOption(portOption('--git-port <number>', 'port of the Git server; 0 for a free one'))
    .option('--kubeconfig-out <file>', 'write the kubeconfig there too; removed at the end')
    .addOption(
      new Option(
        '--repository <owner/name=folder>',
        'make a repository of the text files in a folder; may be given several times',
      )
        .argParser(addRepository)
        .default([], 'none'),
    )
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (options: SandboxCommandOptions) => {
      await sandbox(options, context);
    });
  return withExamples(command, [
    ['Try kubectl against it', 'sandbox --kubeconfig-out ./sandbox.kubeconfig'],
    ['With a repository to push to', 'sandbox --repository shop/fleet=examples/fleet'],
  ]);
}

function portOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parsePort).default(0);
}

function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new InvalidArgumentError('write a number from 0 to 65535');
}

function addRepository(value: string, before: readonly RepositoryWish[]): RepositoryWish[] {
  const [, owner, name, folder] = /^([\w.-]+)\/([\w.-]+)=(.+)$/.exec(value) ?? [];
  if (owner === undefined || name === undefined || folder === undefined) {
    throw new InvalidArgumentError('write it like shop/fleet=./folder');
  }
  return [...before, { owner, name, folder }];
}

interface MadeRepository {
  readonly url: string;
  readonly page: string;
}

async function sandbox(options: SandboxCommandOptions, context: CommandContext): Promise<void> {
  const cleanup = new Cleanup();
  // Ctrl-C ends the parts in order, not all at once.
  const scope = unstoppable(context.scope);
  await cleanup.guard(async () => {
    const { port, gitPort } = options;
    const wishes = await Promise.all(
      options.repository.map(async (wish) => ({ ...wish, files: await readFolder(wish.folder) })),
    );
    const { startSandbox } = await import('./start-sandbox.ts');
    const running = await startSandbox({ apiServer: { port }, gitPort }, context, scope).catch(
      (thrown: unknown) => {
        throw takenPort(thrown) ?? thrown;
      },
    );
    cleanup.add(() => running.stop());
    const repositories: MadeRepository[] = [];
    for (const { owner, name, files } of wishes) {
      const { url, pageUrl } = await running.git.createRepository(owner, name, files);
      repositories.push({ url, page: pageUrl });
    }
    const { kubeconfigOut } = options;
    if (kubeconfigOut !== undefined) {
      await writeNew(kubeconfigOut, running.api.kubeconfig());
      cleanup.add(() => rm(kubeconfigOut, { force: true }));
    }
    const kubeconfig = kubeconfigOut ?? running.kubeconfig;
    context.out(described({ running, kubeconfig, repositories }, options.output));
    await untilStopped(context.scope);
  });
  await cleanup.run();
}

function takenPort(thrown: unknown): Failure | undefined {
  const { code, port, address } = thrown as { code?: string; port?: number; address?: string };
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return undefined;
  const why = code === 'EACCES' ? 'may not be used by you' : 'is taken';
  return new Failure('invalid', `port ${String(port)} of ${String(address)} ${why}`, {
    cause: thrown,
    hint: 'name another one, or none for a free one',
  });
}

async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch((thrown: unknown) => {
    const { code } = thrown as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written: ${String(code)}`;
    throw new Failure('invalid', `--kubeconfig-out ${file} ${why}`, {
      hint: 'name a file that is not there; it is removed at the end',
    });
  });
}

interface Facts {
  readonly running: Sandbox;
  readonly kubeconfig: string;
  readonly repositories: readonly MadeRepository[];
}

function described(
  { running, kubeconfig, repositories }: Facts,
  output: SandboxCommandOptions['output'],
): string {
  const { api, git, user, bot } = running;
  const users = [user, bot];
  if (output !== 'text') {
    const value = {
      kubernetes: { url: api.url, kubeconfig },
      git: { url: git.url, users },
      repositories,
    };
    return structured(value, output);
  }
  const lines = [
    `Kubernetes  ${api.url}`,
    `            export KUBECONFIG=${kubeconfig}`,
    `Git         ${git.url}`,
    ...users.map(({ login, token }) => `            user ${login}, token and password ${token}`),
    ...repositories.map(({ url }) => `            git clone ${withUser(url, user)}`),
    '',
    'Ctrl-C stops everything and cleans up.',
  ];
  return `${lines.join('\n')}\n`;
}

function withUser(url: string, { login, token }: Sandbox['user']): string {
  const full = new URL(url);
  full.username = login;
  full.password = token;
  return full.href;
}
