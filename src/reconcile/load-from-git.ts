import type { PackageLoad, PackageSource } from '../desired/package-pin.ts';
import { joinPath, packageDependencies } from '../kudo/package-dependencies.ts';
import { readPackage } from '../kudo/package-reader.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitFiles, GitRemote, GitSource, ReadLimits } from '../source/git-source.ts';
import { isNamedHost, requirePublicHost } from '../source/public-hosts.ts';
import type { PackagePlaces } from './load-tarball.ts';

const MIB = 1 << 20;
const LIMITS: ReadLimits = { maxFiles: 2_000, maxFileBytes: 2 * MIB, maxTotalBytes: 32 * MIB };
const MAX_FOLDERS = 32;

type FromGit = Extract<PackageSource, { kind: 'git' }>;

/**
 * The package of a folder of another repository at a commit, and those that it names by path.
 *
 * @throws {Failure} when repository, commit or folder cannot be had
 */
export async function loadFromGit(
  source: FromGit,
  { git, privateHosts }: PackagePlaces,
  { remote: own }: { readonly remote?: GitRemote | undefined },
  scope: Scope,
): Promise<Extract<PackageLoad, { kind: 'loaded' }>> {
  const remote = remoteFor(source.url, own, privateHosts);
  await git.fetch(remote, undefined, source.commit, scope);
  const files = new Map<string, string>();
  const open = [source.folder];
  const seen = new Set(open);
  let tree = '';
  for (let folder = open.shift(); folder !== undefined; folder = open.shift()) {
    // oxlint-disable-next-line no-await-in-loop -- each names the next ones
    const found = await readPackageFolder(folder, { source, remote, git }, scope);
    if (folder === source.folder) tree = found.trees.get(folder) ?? '';
    for (const { path, text } of found.files) if (/\.ya?ml/.test(path)) files.set(path, text);
    for (const next of namedByPath(folder, files)) {
      if (seen.has(next) || seen.size >= MAX_FOLDERS) continue;
      seen.add(next);
      open.push(next);
    }
  }
  const origin = tree === '' ? `git-commit:${source.commit}` : `git-tree:${tree}`;
  return { kind: 'loaded', files, root: source.folder, origin };
}

async function readPackageFolder(
  folder: string,
  at: { readonly source: FromGit; readonly remote: GitRemote; readonly git: GitSource },
  scope: Scope,
): Promise<GitFiles> {
  const { source, remote, git } = at;
  const found = await git.readFiles(remote, source.commit, [folder], LIMITS, scope);
  const [skipped] = found.skipped.filter(({ path }) => /\.ya?ml/.test(path));
  if (skipped) throw new Failure('invalid', `${skipped.path} is not read: ${skipped.reason}`);
  if (folder === source.folder && found.missingPaths.length > 0) {
    throw new Failure('missing', `there is no folder ${folder} in that commit`);
  }
  return found;
}

/**
 * Credentials go to the host that they are for, which may be a private one: who wrote the Sync said so. Any
 * other host must be public or named.
 */
function remoteFor(
  url: string,
  own: GitRemote | undefined,
  privateHosts: readonly string[],
): GitRemote {
  const to = new URL(url);
  if (own && URL.canParse(own.url) && new URL(own.url).origin === to.origin) return { ...own, url };
  const way = { url, ca: own?.ca, proxy: own?.proxy };
  if (isNamedHost(to, privateHosts)) return way;
  requirePublicHost(to);
  return { ...way, isPublicOnly: true };
}

function namedByPath(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const own = [...files].filter(([path]) => path.startsWith(prefix));
  const inside = own.map(([path, text]) => [path.slice(prefix.length), text] as const);
  const version = readPackage(new Map(inside)).operatorVersion;
  return (version ? packageDependencies(version) : [])
    .filter(({ isPath }) => isPath)
    .map((dependency) => joinPath(folder, dependency.package));
}
