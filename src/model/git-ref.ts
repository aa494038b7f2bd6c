import { compareBuild, parse, Range } from 'semver';
import * as z from 'zod';

const Name = z
  .string()
  .min(1)
  .max(255)
  .refine(isRefName, 'write a name as "git check-ref-format" takes it, without refs/heads/');

/**
 * `spec.ref` of a Sync, with the precedence of Flux's GitRepository: commit over semver over tag over
 * branch. A commit together with a branch must be on that branch.
 */
export const GitRef = z
  .strictObject({
    branch: Name.optional(),
    tag: Name.optional(),
    /** Of the tags in this range the highest version. */
    semver: z
      .string()
      .min(1)
      .max(255)
      .refine((text) => rangeOf(text) !== undefined, 'write a range such as ">=1.2.0 <2.0.0"')
      .optional(),
    commit: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'write all 40 hexadecimal digits, in lower case')
      .optional(),
  })
  .default({ branch: 'main' });
export type GitRef = z.infer<typeof GitRef>;

/** What is followed in a repository. */
export type FollowedRef =
  | { readonly kind: 'commit'; readonly oid: string; readonly branch: string | undefined }
  | { readonly kind: 'semver'; readonly range: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'branch'; readonly branch: string };

/** By the precedence of {@link GitRef}; the branch main when nothing is named. */
export function followedRef({ branch, tag, semver, commit }: GitRef): FollowedRef {
  if (commit !== undefined) return { kind: 'commit', oid: commit, branch };
  if (semver !== undefined) return { kind: 'semver', range: semver };
  if (tag !== undefined) return { kind: 'tag', tag };
  return { kind: 'branch', branch: branch ?? 'main' };
}

/** The refs to ask a server for; `HEAD` where only the answer matters. */
export function refPrefixes(followed: FollowedRef): readonly string[] {
  switch (followed.kind) {
    case 'commit':
      return [followed.branch === undefined ? 'HEAD' : `refs/heads/${followed.branch}`];
    case 'semver':
      return ['refs/tags/'];
    case 'tag':
      return [`refs/tags/${followed.tag}`];
    case 'branch':
      return [`refs/heads/${followed.branch}`];
  }
}

/** Where to fetch and what to read. */
export interface ChosenRef {
  /** Full name; undefined for a commit that is asked for by its id alone. */
  readonly ref: string | undefined;
  readonly oid: string;
  /** Head of the branch that a pinned commit must be on. */
  readonly branchHead?: string;
}

/** What `followed` means among the refs of a server (peeled); undefined when it has none such. */
export function chooseRef(
  followed: FollowedRef,
  refs: ReadonlyMap<string, string>,
): ChosenRef | undefined {
  switch (followed.kind) {
    case 'commit': {
      const { oid, branch } = followed;
      if (branch === undefined) return { ref: undefined, oid };
      const chosen = namedRef(`refs/heads/${branch}`, refs);
      return chosen && { ref: chosen.ref, oid, branchHead: chosen.oid };
    }
    case 'semver':
      return highest(followed.range, refs);
    case 'tag':
      return namedRef(`refs/tags/${followed.tag}`, refs);
    case 'branch':
      return namedRef(`refs/heads/${followed.branch}`, refs);
  }
}

/** `branch main`, `tag v1.2.0`, … for people. */
export function describeRef(followed: FollowedRef): string {
  switch (followed.kind) {
    case 'commit':
      return followed.branch === undefined ? `commit ${followed.oid}` : `branch ${followed.branch}`;
    case 'semver':
      return `tag in the range ${followed.range}`;
    case 'tag':
      return `tag ${followed.tag}`;
    case 'branch':
      return `branch ${followed.branch}`;
  }
}

const TAGS = 'refs/tags/';

function namedRef(ref: string, refs: ReadonlyMap<string, string>): ChosenRef | undefined {
  const oid = refs.get(ref);
  return oid === undefined ? undefined : { ref, oid };
}

/** Versions that differ in their build metadata alone are in the order of that, as semver sorts it. */
function highest(range: string, refs: ReadonlyMap<string, string>): ChosenRef | undefined {
  const wanted = rangeOf(range);
  const [best] = [...refs]
    .flatMap(([ref, oid]) => {
      const version = ref.startsWith(TAGS) ? versionOf(ref.slice(TAGS.length)) : null;
      return version && wanted?.test(version) === true ? [{ ref, oid, version }] : [];
    })
    .toSorted((a, b) => compareBuild(b.version, a.version) || (a.ref < b.ref ? -1 : 1));
  return best && { ref: best.ref, oid: best.oid };
}

/** A tag that is a whole version, with or without `v`. */
const versionOf = (tag: string): ReturnType<typeof parse> =>
  /^v?\d/.test(tag) ? parse(tag) : null;

/**
 * A range as Flux's library reads it: commas mean "and" like spaces, and a pre-release takes part only
 * where the range itself names one (github.com/Masterminds/semver, "Working With Prerelease Versions").
 */
function rangeOf(text: string): Range | undefined {
  const includePrerelease = /\d-[0-9a-z]/i.test(text);
  try {
    return new Range(text.replaceAll(',', ' '), { includePrerelease });
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

/** The rules of git check-ref-format for what follows `refs/heads/` or `refs/tags/`. */
function isRefName(name: string): boolean {
  return !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|^[./-]|\.lock(\/|$)|[./]$/u.test(name);
}
