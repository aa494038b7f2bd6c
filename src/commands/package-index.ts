import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { coerce, compare, type SemVer } from 'semver';
import type { OperatorFile } from '../kudo/package-file.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { toGoYaml } from '../lib/go-yaml-emit.ts';
import type { CommandContext } from './command-context.ts';
import { counted, withExamples } from './output.ts';
import { tarballName } from './package-build.ts';
import { readPackageBytes, readPackageFiles, requirePackage } from './package-files.ts';

interface IndexOptions {
  readonly url: string;
  readonly output?: string;
  readonly generatedAt?: Date;
}

/** `kudo-gitops package index`: `index.yaml` of a KUDO repository, made of the tarballs in a folder. */
export function packageIndexCommand(context: CommandContext): Command {
  const command = new Command('index')
    .description('write index.yaml of a KUDO repository from the tarballs in a folder')
    .argument('<folder>', 'with the .tgz files')
    .option('--url <url>', 'where the folder is served', 'http://localhost/')
    .option('-o, --output <file>', 'instead of index.yaml in the folder; "-" prints it')
    .option(
      '--generated-at <time>',
      'the time to write, such as 2026-01-31T00:00:00Z (default: now)',
      parseTime,
    )
    .action(async (folder: string, options: IndexOptions) => {
      await index(folder, options, context);
    });
  return withExamples(command, [
    [
      'The same bytes whenever it runs',
      'package index repository --generated-at 2026-01-31T00:00:00Z',
    ],
  ]);
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('A time such as 2026-01-31T00:00:00Z is wanted.');
}

async function index(
  folder: string,
  options: IndexOptions,
  context: CommandContext,
): Promise<void> {
  const { url, output, generatedAt = new Date(context.scope.clock.now()) } = options;
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw new Failure('missing', `cannot read the folder ${folder}: ${messageOf(thrown)}`);
  });
  const tarballs = names.filter((name) => name.endsWith('.tgz')).toSorted();
  if (tarballs.length === 0)
    throw new Failure('missing', `there is no .tgz file in ${folder}`, {
      hint: `make one with "kudo-gitops package build <package> -o ${folder}"`,
    });
  const packages: IndexedPackage[] = [];
  for (const name of tarballs) packages.push(await readTarball(join(folder, name)));
  const text = indexText(packages, url, generatedAt);
  if (output === '-') context.out(text);
  else {
    const target = output ?? join(folder, 'index.yaml');
    await writeFile(target, text);
    context.out(`${target}: ${counted(packages.length, 'package')}\n`);
  }
}

async function readTarball(path: string): Promise<IndexedPackage> {
  const reading = readPackageBytes(await readPackageFiles(path));
  const { source } = requirePackage(path, reading);
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { operator: source.operator, digest };
}

/** A package and the SHA-256 of its tarball. */
export interface IndexedPackage {
  readonly operator: OperatorFile;
  readonly digest: string;
}

/**
 * `index.yaml` as KUDO's CLI reads it (util/repo/index.go): operators by name, their versions newest
 * first.
 *
 * @throws {Failure} `conflict` when two packages are one version of one operator
 */
export function indexText(
  packages: readonly IndexedPackage[],
  url: string,
  generatedAt: Date,
): string {
  const entries = new Map<string, IndexedPackage[]>();
  for (const found of packages.toSorted(newestFirst)) {
    const { name } = found.operator;
    const versions = entries.get(name) ?? [];
    if (versions.some((other) => tarballName(other) === tarballName(found)))
      throw new Failure('conflict', `two tarballs hold ${tarballName(found)}`);
    entries.set(name, [...versions, found]);
  }
  const base = url.endsWith('/') ? url : `${url}/`;
  return toGoYaml({
    apiVersion: 'v1',
    entries: Object.fromEntries(
      [...entries].map(([name, versions]) => [name, versions.map((found) => entry(found, base))]),
    ),
    generated: generatedAt.toISOString().replace('.000Z', 'Z'),
  });
}

function entry(found: IndexedPackage, base: string): Readonly<Record<string, unknown>> {
  const { name, operatorVersion, appVersion, description, maintainers } = found.operator;
  const people = (maintainers ?? []).flatMap((person) => person ?? []);
  return {
    name,
    operatorVersion,
    ...(appVersion !== '' && { appVersion }),
    ...(description !== '' && { description }),
    ...(people.length > 0 && { maintainers: people }),
    urls: [base + tarballName(found)],
    digest: found.digest,
  };
}

/** By appVersion, then operatorVersion; one without an appVersion comes last. */
function newestFirst(a: IndexedPackage, b: IndexedPackage): number {
  return (
    compareVersions(b.operator.appVersion, a.operator.appVersion) ||
    compareVersions(b.operator.operatorVersion, a.operator.operatorVersion)
  );
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [versionOf(a), versionOf(b)];
  if (!left || !right) return Number(left !== null) - Number(right !== null);
  return compare(left, right);
}

function versionOf(text: string): SemVer | null {
  return coerce(text, { includePrerelease: true });
}
