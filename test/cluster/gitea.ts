import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureTools } from './binaries.ts';
import type { ToolFolders } from './binaries.ts';
import { childEnvironment, freePorts, startProcess, waitFor } from './processes.ts';
import type { RunningProcess } from './processes.ts';
import { logToStderr } from './progress.ts';
import type { Log } from './progress.ts';

const run = promisify(execFile);

/** Who may do everything on a Gitea, and where it is. */
export interface GiteaAccess {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** An access token with every scope. */
  readonly token: string;
}

/** A real Gitea on a free port of 127.0.0.1. */
export interface RealGitea extends GiteaAccess {
  readonly process: RunningProcess;
  /** Ends it and removes its files. */
  readonly stop: () => Promise<void>;
}

export interface GiteaOptions {
  readonly tools?: Pick<ToolFolders, 'gitea'>;
  /** Folder to live in; default: a temporary one. */
  readonly dir?: string;
  readonly log?: Log;
}

/** Starts a Gitea with an administrator; usable without a cluster. */
export async function startGitea(options: GiteaOptions = {}): Promise<RealGitea> {
  const tools = options.tools ?? (await ensureTools(['gitea'], options.log ?? logToStderr));
  const dir = await mkdtemp(join(options.dir ?? tmpdir(), 'kudo-gitops-gitea-'));
  try {
    return await startIn(dir, tools.gitea);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(dir: string, tool: string): Promise<RealGitea> {
  const [port = 0] = await freePorts(1);
  const command = join(tool, 'gitea');
  const env = { GITEA_WORK_DIR: dir, GITEA_CUSTOM: join(dir, 'custom') };
  const config = join(dir, 'custom', 'conf', 'app.ini');
  await mkdir(join(dir, 'custom', 'conf'), { recursive: true });
  await writeFile(config, settings({ dir, port, staticRoot: join(tool, 'static') }), {
    mode: 0o600,
  });
  const gitea = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(command, args, { cwd: dir, env: childEnvironment({ dir, env }) });
    return lastLine(stdout);
  };
  const database = join(dir, 'gitea.db');
  const prepared = join(tool, 'migrated.db');
  if (!(await copied(prepared, database))) {
    await gitea('migrate');
    await keep(database, prepared);
  }
  const account = await createAdministrator(gitea);
  const child = await startProcess({ name: 'gitea', command, args: ['web'], dir, env });
  const url = `http://127.0.0.1:${String(port)}`;
  try {
    await waitFor('Gitea', async () => (await fetch(`${url}/api/healthz`)).ok, { process: child });
  } catch (error) {
    await child.stop();
    throw error;
  }
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { url, ...account, process: child, stop };
}

async function copied(from: string, to: string): Promise<boolean> {
  return copyFile(from, to).then(
    () => true,
    () => false,
  );
}

/** Making the tables takes seconds on a busy disk; they are the same every time, so they are kept with the tool. */
async function keep(database: string, prepared: string): Promise<void> {
  const draft = `${prepared}.${randomBytes(4).toString('hex')}`;
  await copyFile(database, draft);
  await rename(draft, prepared);
}

/** As root, Gitea warns on stdout before it answers. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

async function createAdministrator(
  gitea: (...args: string[]) => Promise<string>,
): Promise<Omit<GiteaAccess, 'url'>> {
  const [user, password] = ['gitops', randomBytes(12).toString('hex')];
  const who = ['--username', user];
  const identity = ['--password', password, '--email', 'gitops@example.com'];
  await gitea('migrate');
  await gitea(
    'admin',
    'user',
    'create',
    '--admin',
    ...who,
    ...identity,
    '--must-change-password=false',
  );
  const token = ['--token-name', 'tests', '--scopes', 'all', '--raw'];
  return {
    user,
    password,
    token: await gitea('admin', 'user', 'generate-access-token', ...who, ...token),
  };
}

interface Settings {
  readonly dir: string;
  readonly port: number;
  readonly staticRoot: string;
}

/** app.ini. Secrets that it lacks Gitea makes up and writes into it. */
function settings({ dir, port, staticRoot }: Settings): string {
  const sections: Record<string, Record<string, string>> = {
    server: {
      HTTP_ADDR: '127.0.0.1',
      HTTP_PORT: String(port),
      ROOT_URL: `http://127.0.0.1:${String(port)}/`,
      STATIC_ROOT_PATH: staticRoot,
      OFFLINE_MODE: 'true',
      DISABLE_SSH: 'true',
    },
    database: { DB_TYPE: 'sqlite3', PATH: join(dir, 'gitea.db') },
    security: { INSTALL_LOCK: 'true' },
    service: { DISABLE_REGISTRATION: 'true' },
    webhook: { ALLOWED_HOST_LIST: '*' },
    indexer: { ISSUE_INDEXER_TYPE: 'db' },
    actions: { ENABLED: 'false' },
    cron: { ENABLED: 'false' },
    log: { MODE: 'console', LEVEL: 'Warn' },
  };
  const lines = Object.entries(sections).flatMap(([section, values]) => [
    `[${section}]`,
    ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
  ]);
  // Harmless for others, needed in containers whose only user is root.
  return ['I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true', 'RUN_MODE = prod', ...lines, ''].join('\n');
}
