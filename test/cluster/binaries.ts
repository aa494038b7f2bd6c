import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withFolderLock } from './folder-lock.ts';
import { buildPackage, copyModuleFolders, requireToolchain } from './go-build.ts';
import { logToStderr } from './progress.ts';
import type { Log } from './progress.ts';
import { TOOLS } from './tools.ts';
import type { Tool, ToolName } from './tools.ts';

/** Folders with a tool's binaries and the files that it needs at run time, by tool. */
export type ToolFolders = Readonly<Record<ToolName, string>>;

const ALL_TOOLS = Object.keys(TOOLS) as ToolName[];
const TOOLS_FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'tools');

/**
 * Makes sure that the named tools (all, when none is named) are built, and says where every tool
 * is or would be. What is missing is built from Go modules: about 20 minutes of two cores the first
 * time, nothing after. Two processes may ask at once; one builds, the other waits. Throws, saying
 * what is needed, when something is missing and there is no Go toolchain to build it.
 */
export async function ensureTools(
  names: readonly ToolName[] = ALL_TOOLS,
  log: Log = logToStderr,
): Promise<ToolFolders> {
  const places = await Promise.all(ALL_TOOLS.map(async (name) => [name, await folderOf(name)]));
  const folders = Object.fromEntries(places) as ToolFolders;
  const missing: ToolName[] = [];
  for (const name of names) if (!(await exists(folders[name]))) missing.push(name);
  if (missing.length > 0) await requireToolchain(missing);
  for (const name of missing) await ensureTool(name, folders[name], log);
  return folders;
}

async function folderOf(name: ToolName): Promise<string> {
  return join(cacheFolder(), `${name}-${await keyOf(join(TOOLS_FOLDER, name), TOOLS[name])}`);
}

async function ensureTool(name: ToolName, folder: string, log: Log): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const waiting = (): void => log(`${name}: another process is building it; waiting`);
  await withFolderLock(`${folder}.lock`, waiting, async () => {
    if (await exists(folder)) return;
    await build({ tool: TOOLS[name], source: join(TOOLS_FOLDER, name), folder, log });
  });
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'kudo-gitops');
}

/** Changes with the dependencies, with our own Go files and with the way they are built. */
async function keyOf(source: string, tool: Tool): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await sourceFiles(source)) {
    hash.update(`${file}\0`).update(await readFile(join(source, file)));
  }
  const recipe = JSON.stringify(tool, (key, value: unknown) =>
    key === 'coldMinutes' ? undefined : value,
  );
  return hash.update(recipe).digest('hex').slice(0, 16);
}

async function sourceFiles(source: string): Promise<string[]> {
  const files = await readdir(source, { recursive: true });
  return files.filter((file) => file === 'go.sum' || file.endsWith('.go')).toSorted();
}

interface BuildJob {
  readonly tool: Tool;
  readonly source: string;
  readonly folder: string;
  readonly log: Log;
}

/** Builds beside the final place and moves there at the end: a half-built folder is never seen. */
async function build({ tool, source, folder, log }: BuildJob): Promise<void> {
  const draft = await mkdtemp(`${folder}.draft-`);
  try {
    for (const binary of tool.binaries) {
      await buildPackage({ binary, source, output: join(draft, binary.name), log });
    }
    if (tool.assets !== undefined) await copyModuleFolders(source, tool.assets, draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
