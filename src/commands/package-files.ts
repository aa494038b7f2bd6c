import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperatorVersion, Task } from '../kudo/objects.ts';
import { readPackage, type PackageReading } from '../kudo/package-reader.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { unpackTarball, type TarLimits } from '../lib/tar.ts';

const MIB = 1 << 20;
const LIMITS: TarLimits = { maxFiles: 2_000, maxBytes: 32 * MIB };

/**
 * The files of an operator package, a folder or a gzipped tarball, by their paths in it. Symbolic links
 * and what begins with a dot are left out.
 *
 * @throws {Failure} `missing` when it is not there, `invalid` when it is too large or no tarball
 */
export async function readPackageFiles(path: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = await stat(path).catch((thrown: unknown) => {
    throw new Failure('missing', `cannot read ${path}: ${messageOf(thrown)}`);
  });
  if (found.isDirectory()) return readFolder(path);
  if (found.size > LIMITS.maxBytes) throw tooLarge(path);
  try {
    return await unpackTarball(await readFile(path), LIMITS);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const { kind, message, hint } = thrown;
    throw new Failure(kind, `${path}: ${message}`, { cause: thrown, hint });
  }
}

async function readFolder(root: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let bytes = 0;
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.filter(({ name }) => !name.startsWith('.'))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      if (!entry.isFile()) continue;
      bytes += (await stat(join(root, path))).size;
      if (files.size >= LIMITS.maxFiles || bytes > LIMITS.maxBytes) throw tooLarge(root);
      files.set(path, await readFile(join(root, path)));
    }
  };
  await visit('');
  return files;
}

function tooLarge(path: string): Failure {
  const message = `${path} has more than ${LIMITS.maxFiles} files or ${LIMITS.maxBytes / MIB} MiB`;
  return new Failure('invalid', message, { hint: 'name the folder of one package' });
}

/** What the files say as a package; files that it does not read may hold anything. */
export function readPackageBytes(files: ReadonlyMap<string, Buffer>): PackageReading {
  const decoder = new TextDecoder('utf-8');
  const texts = [...files].filter(([path]) => /\.yaml/.test(path));
  return readPackage(new Map(texts.map(([path, bytes]) => [path, decoder.decode(bytes)])));
}

/**
 * The package, which must be readable.
 *
 * @throws {Failure} `invalid` with its first error
 */
export function requirePackage(
  path: string,
  reading: PackageReading,
): Required<{ [K in 'operator' | 'operatorVersion' | 'source']: NonNullable<PackageReading[K]> }> {
  const { operator, operatorVersion, source, problems } = reading;
  if (operator && operatorVersion && source) return { operator, operatorVersion, source };
  const first = problems.find(({ severity }) => severity === 'error');
  const where = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : 'broken';
  throw new Failure('invalid', `${path} is not a package that KUDO takes: ${where}`, {
    hint: `see "kudo-gitops package lint ${path}"`,
  });
}

/**
 * The OperatorVersion with the packages beside it that its KudoOperator tasks name by path, as they
 * will be in the cluster. One that cannot be read stays a path.
 */
export async function withDependencies(
  path: string,
  version: OperatorVersion,
): Promise<OperatorVersion> {
  const tasks: Task[] = [];
  for (const task of version.spec?.tasks ?? []) tasks.push(await resolved(path, task));
  return { ...version, spec: { ...version.spec, tasks } };
}

async function resolved(path: string, task: Task): Promise<Task> {
  const dependency = task.spec.package ?? '';
  if (task.kind !== 'KudoOperator' || !/^\.\.?\//.test(dependency)) return task;
  try {
    const { source } = readPackageBytes(await readPackageFiles(join(path, dependency)));
    if (!source) return task;
    const { name, operatorVersion, appVersion } = source.operator;
    const identity = { package: name, operatorVersion, appVersion };
    return { ...task, spec: { ...task.spec, ...identity } };
  } catch (thrown) {
    if (thrown instanceof Failure) return task;
    throw thrown;
  }
}
