import { createHash } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import type { PackageSource } from '../kudo/package-file.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { packTarball } from '../lib/tar.ts';
import type { CommandContext } from './command-context.ts';
import { withExamples } from './output.ts';
import { readPackageBytes, readPackageFiles, requirePackage } from './package-files.ts';

interface BuildOptions {
  readonly output: string;
  readonly force?: boolean;
}

/** `kudo-gitops package build`: the tarball of a package; the same files make the same bytes everywhere. */
export function packageBuildCommand(context: CommandContext): Command {
  const command = new Command('build')
    .description('make the tarball of an operator package, the same bytes from the same files')
    .argument('<folder>', 'the package')
    .option('-o, --output <path>', 'a .tgz file, or the folder for one of KUDO’s name', '.')
    .option('-f, --force', 'replace a tarball that has other bytes')
    .action(async (folder: string, options: BuildOptions) => {
      await build(folder, options, context);
    });
  return withExamples(command, [
    ['Into a folder that becomes a repository', 'package build operators/queue -o repository'],
    ['Then list what is in it', 'package index repository --url https://operators.example'],
  ]);
}

async function build(
  folder: string,
  { output, force = false }: BuildOptions,
  context: CommandContext,
): Promise<void> {
  const files = await readPackageFiles(folder);
  const { source } = requirePackage(folder, readPackageBytes(files));
  const own = [...files].filter(([path]) => isPackageFile(path));
  const packed = packTarball(new Map(own));
  const target = output.endsWith('.tgz') ? output : join(output, tarballName(source));
  await mkdir(dirname(target), { recursive: true });
  await write(target, packed, force);
  const digest = createHash('sha256').update(packed).digest('hex');
  context.out(`${target}: ${own.length} files, sha256 ${digest}\n`);
}

/** What belongs to a package; tests, documents and tarballs beside it do not. */
function isPackageFile(path: string): boolean {
  return path === 'operator.yaml' || path === 'params.yaml' || path.startsWith('templates/');
}

/** KUDO's name for the tarball of a package (writer_tar.go:110-116). */
export function tarballName({ operator }: Pick<PackageSource, 'operator'>): string {
  const { name, appVersion, operatorVersion } = operator;
  const version = appVersion === '' ? operatorVersion : `${appVersion}_${operatorVersion}`;
  return basename(`${name}-${version}.tgz`);
}

async function write(target: string, packed: Buffer, force: boolean): Promise<void> {
  try {
    await writeFile(target, packed, { flag: force ? 'w' : 'wx' });
  } catch (thrown) {
    const isThere = await stat(target).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isThere) throw new Failure('invalid', `cannot write ${target}: ${messageOf(thrown)}`);
    throw new Failure('conflict', `${target} is there already`, {
      hint: 'a released version never changes: raise operatorVersion, or replace it with --force',
    });
  }
}
