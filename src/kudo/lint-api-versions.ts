import type { Problem } from '../model/problem.ts';
import { finding } from './lint-findings.ts';
import { templatePlace, type PackageView } from './lint-package-view.ts';
import { findRemovedApiVersion, type RemovedApiVersion } from './removed-api-versions.ts';

/**
 * Objects in the templates whose API version Kubernetes 1.`minor` no longer serves. Looks at the
 * templates' text, so that it also finds those that the defaults leave out.
 */
export function lintApiVersions({ source }: PackageView, minor: number): Problem[] {
  return Object.entries(source.templates).flatMap(([name, text]) =>
    writtenObjects(text).flatMap(({ apiVersion, kind, at }) => {
      const removed = findRemovedApiVersion(apiVersion, kind, minor);
      if (removed === undefined) return [];
      const message = `${kind} of ${apiVersion} was removed in Kubernetes 1.${removed.removedIn}`;
      const place = templatePlace(source, name, at);
      return [finding('api-version-removed', place, message, cureOf(kind, removed))];
    }),
  );
}

function cureOf(kind: string, { replacement }: RemovedApiVersion): string {
  return replacement === undefined
    ? `nothing replaced ${kind}: remove it`
    : `write apiVersion: ${replacement}, and check the fields that changed`;
}

interface WrittenObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Offset of the apiVersion. */
  readonly at: number;
}

/** `apiVersion` and `kind` of each YAML document, where both are written out; those of lists' items, too. */
function writtenObjects(text: string): WrittenObject[] {
  const fields = [...text.matchAll(FIELD)].map((match) => ({
    indent: (match[1] ?? '').length,
    field: match[2],
    value: match[3] ?? '',
    at: match.index + match[0].length - (match[4] ?? '').length,
    part: documentOf(text, match.index),
  }));
  return fields.flatMap(({ indent, field, value, at, part }) => {
    if (field !== 'apiVersion') return [];
    const siblings = fields.filter(
      (other) => other.field === 'kind' && other.indent === indent && other.part === part,
    );
    const kind = siblings.toSorted((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0]?.value;
    return kind === undefined ? [] : [{ apiVersion: value, kind, at }];
  });
}

const FIELD =
  /^([ ]*(?:-[ ]+)?)(apiVersion|kind):[ ]+(?:["']?)(([\w./-]+)["']?)[ \t]*(?:#.*)?\r?$/gm;

/** How many documents begin before `offset`. */
function documentOf(text: string, offset: number): number {
  return (text.slice(0, offset).match(/^---/gm) ?? []).length;
}
