import type { PackageLoad, PackageSource } from '../desired/package-pin.ts';
import { packageDependencies } from '../kudo/package-dependencies.ts';
import { readPackage } from '../kudo/package-reader.ts';
import {
  findFirstMatch,
  parseRepositoryIndex,
  type IndexEntry,
  type RepositoryIndex,
} from '../kudo/repository-index.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { unpackTarball, type TarLimits } from '../lib/tar.ts';
import { digestOf, type ContentStore } from '../source/content-store.ts';
import { download, type DownloadOptions } from '../source/download.ts';
import type { GitSource } from '../source/git-source.ts';

/** Where packages are loaded from and kept. */
export interface PackagePlaces {
  readonly git: GitSource;
  readonly store: ContentStore;
  /** Hosts that may be on a private network, as `host` or `host:port`. */
  readonly privateHosts: readonly string[];
  /** Variables of this process; those that name proxies count. */
  readonly env?: DownloadOptions['env'];
}

/** Places as one Sync reaches them. */
export type TarballPlaces = PackagePlaces & Pick<DownloadOptions, 'proxy' | 'ca'>;

const MIB = 1 << 20;
const MAX_TARBALL = 16 * MIB;
const MAX_INDEX = 4 * MIB;
const TIMEOUT_MS = 60_000;
const UNPACKED: TarLimits = { maxFiles: 2_000, maxBytes: 32 * MIB };

type TarballSource = Exclude<PackageSource, { kind: 'git' }>;
type Loaded = Extract<PackageLoad, { kind: 'loaded' }>;

/**
 * The package of a tarball whose bytes have the digest that Git says, from the store or from where it lives.
 *
 * @throws {Failure} when it cannot be had, or is another one
 */
export async function loadTarball(
  source: TarballSource,
  places: TarballPlaces,
  scope: Scope,
): Promise<Loaded> {
  const { sha256 } = source;
  let bytes = await places.store.read(sha256);
  if (!bytes) {
    bytes = await fetchTarball(source, places, scope);
    await places.store.write(bytes);
  }
  const files = await unpackTarball(bytes, UNPACKED);
  const decoder = new TextDecoder('utf-8');
  const texts = [...files].filter(([path]) => /\.ya?ml/.test(path));
  const text = new Map(texts.map(([path, content]) => [path, decoder.decode(content)]));
  const advice = await adviceFor(text, source, places, scope);
  return { kind: 'loaded', files: text, root: '', origin: `sha256:${sha256}`, advice };
}

async function fetchTarball(
  source: TarballSource,
  places: TarballPlaces,
  scope: Scope,
): Promise<Buffer> {
  if (source.kind === 'tarball') return fetchPinned(source.url, source.sha256, places, scope);
  const entry = await findEntry(source, places, scope);
  let failure = new Failure('missing', `the index of ${source.url} names no URL for it`);
  for (const url of entry.urls) {
    try {
      const base = `${source.url.replace(/\/*$/, '')}/`;
      if (!URL.canParse(url, base)) continue;
      // oxlint-disable-next-line no-await-in-loop -- the next one is for when this one fails
      return await fetchPinned(new URL(url, base).href, source.sha256, places, scope);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      failure = thrown;
    }
  }
  throw failure;
}

async function fetchPinned(
  url: string,
  sha256: string,
  places: TarballPlaces,
  scope: Scope,
): Promise<Buffer> {
  const limits = { ...places, maxBytes: MAX_TARBALL, timeoutMs: TIMEOUT_MS };
  if (!/^https?:/.test(url)) throw new Failure('invalid', `${url} is no http or https URL`);
  const bytes = await download(url, limits, scope);
  const actual = digestOf(bytes);
  if (actual === sha256) return bytes;
  throw new Failure('invalid', `${url} has the SHA-256 ${actual}, not the one that is pinned`, {
    hint: 'find out why it changed before you write the new digest into sha256',
  });
}

type RepositorySource = Extract<PackageSource, { kind: 'repository' }>;

async function findEntry(
  source: RepositorySource,
  places: TarballPlaces,
  scope: Scope,
): Promise<IndexEntry> {
  const index = await fetchIndex(source.url, places, scope);
  const { operator, operatorVersion, appVersion, sha256, url } = source;
  const entry = findFirstMatch(index, operator, { operatorVersion, appVersion });
  if (!entry) {
    const newest = findFirstMatch(index, operator, { operatorVersion: '', appVersion: '' });
    const hint = newest ? `the newest there is ${pinText(operator, newest)}` : undefined;
    throw new Failure('missing', `the index of ${url} does not have it`, { hint });
  }
  if (entry.digest === '' || entry.digest === sha256) return entry;
  throw new Failure('invalid', `the index of ${url} says its SHA-256 is ${entry.digest}`, {
    hint: 'find out why it differs before you write that digest into sha256',
  });
}

async function fetchIndex(
  url: string,
  places: TarballPlaces,
  scope: Scope,
): Promise<RepositoryIndex> {
  const where = `${url.replace(/\/*$/, '')}/index.yaml`;
  const limits = { ...places, maxBytes: MAX_INDEX, timeoutMs: TIMEOUT_MS };
  const bytes = await download(where, limits, scope);
  const parsed = parseRepositoryIndex(bytes.toString('utf8'));
  if (parsed.ok) return parsed.index;
  throw new Failure('invalid', `${where} is no index of a KUDO repository: ${parsed.why}`);
}

/** What to pin for the packages that it names, as KUDO's own command would choose them. */
async function adviceFor(
  files: ReadonlyMap<string, string>,
  source: TarballSource,
  places: TarballPlaces,
  scope: Scope,
): Promise<ReadonlyMap<string, string>> {
  const version = readPackage(files).operatorVersion;
  const named = version ? packageDependencies(version).filter(({ isPath }) => !isPath) : [];
  if (source.kind !== 'repository' || named.length === 0) return new Map();
  try {
    const index = await fetchIndex(source.url, places, scope);
    return new Map(
      named.flatMap(({ index: at, package: name }) => {
        const { operatorVersion = '', appVersion = '' } = version?.spec?.tasks?.[at]?.spec ?? {};
        const entry = findFirstMatch(index, name, { operatorVersion, appVersion });
        if (!entry) return [];
        return [[name, `add to spec.repository.dependencies: ${pinText(name, entry)}`] as const];
      }),
    );
  } catch (thrown) {
    scope.signal.throwIfAborted();
    if (thrown instanceof Failure) return new Map();
    throw thrown;
  }
}

function pinText(operator: string, { operatorVersion, appVersion, digest }: IndexEntry): string {
  const parts = [
    `operator: ${operator}`,
    `operatorVersion: "${operatorVersion}"`,
    ...(appVersion === '' ? [] : [`appVersion: "${appVersion}"`]),
    `sha256: ${digest}`,
  ];
  return `{${parts.join(', ')}}`;
}
