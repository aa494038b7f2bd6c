import * as z from 'zod';
import type { SourcePosition } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { checkMetadata } from './check-name.ts';
import { Envelope } from './object-shapes.ts';
import type { ProblemList } from './problem-list.ts';
import { normalizePath } from './select-files.ts';
import { checkShape } from './shape-problems.ts';
import { keyPosition, type SourceDocument } from './source-document.ts';

const Url = z
  .string()
  .regex(/^https?:\/\/[^\s@]+$/, 'write an http or https URL without credentials in it')
  .max(2_000);
const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'write the SHA-256 of the tarball, 64 hex digits');
const Version = z.string().min(1).max(200);

const RepositoryVersion = {
  operator: z.string().min(1).max(200),
  operatorVersion: Version,
  appVersion: Version.optional(),
  sha256: Sha256,
};

/** `gitops.kudo.dev/v1alpha1 Package`: a package that lives elsewhere, pinned by its content. */
export const PackageShape = z.strictObject({
  ...Envelope,
  spec: z.strictObject({
    repository: z
      .strictObject({
        url: Url,
        ...RepositoryVersion,
        dependencies: z.array(z.strictObject(RepositoryVersion)).max(50).optional(),
      })
      .optional(),
    tarball: z.strictObject({ url: Url, sha256: Sha256 }).optional(),
    git: z
      .strictObject({
        url: Url,
        commit: z.string().regex(/^[0-9a-f]{40}$/, 'write the whole commit, 40 hex digits'),
        folder: z
          .string()
          .max(500)
          .refine((folder) => !folder.split('/').includes('..'), 'it leads out of the repository')
          .default('.'),
      })
      .optional(),
  }),
});

/** Where the bytes of a package come from; the digest or commit says which bytes. */
export type PackageSource =
  | {
      readonly kind: 'repository';
      readonly url: string;
      readonly operator: string;
      readonly operatorVersion: string;
      /** Empty when any will do. */
      readonly appVersion: string;
      readonly sha256: string;
    }
  | { readonly kind: 'tarball'; readonly url: string; readonly sha256: string }
  | {
      readonly kind: 'git';
      readonly url: string;
      readonly commit: string;
      /** Without slashes at its ends; the root is empty. */
      readonly folder: string;
    };

/** One package that a Package names. */
export interface PinnedSource {
  readonly source: PackageSource;
  /** Where it is named. */
  readonly position: SourcePosition;
}

/** What one Package says: its package, and those of the same repository that it depends on. */
export interface PackagePin {
  readonly key: ObjectKey;
  /** Of the Operator and OperatorVersion that are made of it. */
  readonly namespace: string;
  readonly position: SourcePosition;
  readonly sources: readonly PinnedSource[];
}

/** Equal for the same bytes of the same place. */
export function sourceId(source: PackageSource): string {
  return JSON.stringify(source);
}

/** A Package; undefined when something in it is wrong, which `problems` then names. */
export function readPackagePin(
  document: SourceDocument,
  targetNamespace: string,
  problems: ProblemList,
): PackagePin | undefined {
  const shaped = checkShape(document, PackageShape, problems);
  if (!shaped || !checkMetadata(document, shaped.metadata, problems)) return undefined;
  const { metadata, spec } = shaped;
  const kinds = Object.keys(spec);
  if (kinds.length !== 1) {
    const message = kinds.length === 0 ? 'spec says nothing' : `spec names ${kinds.join(' and ')}`;
    const hint = 'write one of repository, tarball and git';
    problems.error(keyPosition(document, ['spec']), { id: 'package-source', message, hint });
    return undefined;
  }
  const { namespace = targetNamespace, name } = metadata;
  return {
    key: `${namespace}/${name}`,
    namespace,
    position: keyPosition(document, ['metadata', 'name']),
    sources: sourcesOf(spec, document),
  };
}

type Spec = z.infer<typeof PackageShape>['spec'];

function sourcesOf(
  { repository, tarball, git }: Spec,
  document: SourceDocument,
): readonly PinnedSource[] {
  const at = (...path: (string | number)[]) => keyPosition(document, ['spec', ...path]);
  if (tarball) return [{ source: { kind: 'tarball', ...tarball }, position: at('tarball') }];
  if (git) {
    const folder = normalizePath(git.folder);
    return [{ source: { kind: 'git', ...git, folder }, position: at('git') }];
  }
  if (!repository) return [];
  const { url, dependencies = [], ...own } = repository;
  const source = (pinned: typeof own): PackageSource => ({
    kind: 'repository',
    url,
    ...pinned,
    appVersion: pinned.appVersion ?? '',
  });
  return [
    { source: source(own), position: at('repository') },
    ...dependencies.map((pinned, index) => ({
      source: source(pinned),
      position: at('repository', 'dependencies', index),
    })),
  ];
}

/** Where a package comes from, for messages. */
export function sourceText(source: PackageSource): string {
  switch (source.kind) {
    case 'repository': {
      const { operator, appVersion, operatorVersion, url } = source;
      return `${[operator, appVersion, operatorVersion].filter((part) => part !== '').join(' ')} of ${url}`;
    }
    case 'tarball':
      return source.url;
    case 'git':
      return `${source.url} at ${source.commit.slice(0, 10)}${source.folder === '' ? '' : `, ${source.folder}`}`;
  }
}

/** What became of a package that lives elsewhere. */
export type PackageLoad =
  | {
      readonly kind: 'loaded';
      /** YAML files by their path. */
      readonly files: ReadonlyMap<string, string>;
      /** The package's folder in them; the others are those that it depends on. */
      readonly root: string;
      /** For the annotation of what is made of it. */
      readonly origin: string;
      /** What to write for a package that one of them names and nothing pins, by its name. */
      readonly advice?: ReadonlyMap<string, string> | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly hint?: string | undefined;
      /** True when a later try may do better. */
      readonly mayPass: boolean;
    }
  /** Nobody tried; `why` says what that takes. */
  | { readonly kind: 'not-tried'; readonly why: string };
