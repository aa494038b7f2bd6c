import { readFile } from 'node:fs/promises';
import { findPackagePins } from '../desired/find-package-pins.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { sha256 } from '../lib/sha256.ts';
import type { CommandContext } from './command-context.ts';
import { packageLoading, type PackageHostOptions } from './load-packages.ts';

/** True for a file that may hold a Package. */
export const isPackageFile = (path: string): boolean => /\.ya?ml$/.test(path);

/**
 * The files of the package that the only Package in a YAML file names, by their paths in it.
 *
 * @throws {Failure} when there is no such Package, or its package cannot be loaded
 */
export async function readPinnedPackage(
  path: string,
  options: PackageHostOptions,
  context: CommandContext,
): Promise<ReadonlyMap<string, Buffer>> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new Failure('missing', `cannot read ${path}: ${messageOf(thrown)}`);
  });
  const reading = { paths: ['.'], targetNamespace: 'default', hash: sha256 };
  const [pin] = findPackagePins([{ path: 'package.yaml', text }], reading);
  if (!pin) {
    throw new Failure('invalid', `${path} holds no Package that can be read`, {
      hint: `see "kudo-gitops validate" for what is wrong with it`,
    });
  }
  const loads = await packageLoading(options, context)([pin], context.scope);
  const [load] = loads.values();
  if (load?.kind !== 'loaded') {
    const why = load?.kind === 'failed' ? load : { message: 'not loaded', hint: undefined };
    throw new Failure('unreachable', `${path}: ${why.message}`, { hint: why.hint });
  }
  const prefix = load.root === '' ? '' : `${load.root}/`;
  const own = [...load.files].filter(([file]) => file.startsWith(prefix));
  return new Map(own.map(([file, content]) => [file.slice(prefix.length), Buffer.from(content)]));
}
