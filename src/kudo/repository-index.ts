import { parseFirstYamlDocument } from '../lib/go-yaml.ts';
import { newestFirst, type PackageVersion } from './newest-first.ts';

/** One tarball that a repository's `index.yaml` names. */
export interface IndexEntry extends PackageVersion {
  readonly urls: readonly string[];
  /** SHA-256 of the tarball; empty when the index has none. */
  readonly digest: string;
}

/** Entries by operator, newest first. */
export type RepositoryIndex = ReadonlyMap<string, readonly IndexEntry[]>;

/** Reads `index.yaml` as KUDO's CLI does (util/repo/index.go); the text says why it is none. */
export function parseRepositoryIndex(
  text: string,
): { readonly ok: true; readonly index: RepositoryIndex } | { ok: false; readonly why: string } {
  const parsed = parseFirstYamlDocument(text);
  if (!parsed.ok) return { ok: false, why: `line ${parsed.error.line}: ${parsed.error.message}` };
  const { apiVersion, entries } = fieldsOf(parsed.document?.value);
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    return { ok: false, why: 'it has no apiVersion' };
  }
  const index = Object.entries(fieldsOf(entries)).map(([operator, versions]) => {
    const list: readonly unknown[] = Array.isArray(versions) ? versions : [];
    return [operator, list.map(entryOf).toSorted(newestFirst)] as const;
  });
  return { ok: true, index: new Map(index) };
}

function entryOf(value: unknown): IndexEntry {
  const { operatorVersion, appVersion, urls, digest } = fieldsOf(value);
  const list: readonly unknown[] = Array.isArray(urls) ? urls : [];
  return {
    operatorVersion: textOf(operatorVersion),
    appVersion: textOf(appVersion),
    digest: textOf(digest).toLowerCase(),
    urls: list.filter((url) => typeof url === 'string'),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The newest version that fits; an empty version fits every one (resolver_repo.go, FindFirstMatch). */
export function findFirstMatch(
  index: RepositoryIndex,
  operator: string,
  { appVersion, operatorVersion }: PackageVersion,
): IndexEntry | undefined {
  return index
    .get(operator)
    ?.find(
      (entry) =>
        (appVersion === '' || entry.appVersion === appVersion) &&
        (operatorVersion === '' || entry.operatorVersion === operatorVersion),
    );
}
