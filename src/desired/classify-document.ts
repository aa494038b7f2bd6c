import { KUDO_API_VERSION } from '../kudo/objects.ts';
import type { YamlPath } from '../lib/go-yaml.ts';
import { API_VERSION, GROUP } from '../model/names.ts';
import { suggest, suggestionHint } from './suggest.ts';

export type OurKind =
  'Instance' | 'Operator' | 'OperatorVersion' | 'Package' | 'PlanRun' | 'PlanSchedule';

/** What a document is to us. */
export type DocumentClass =
  | { readonly kind: OurKind }
  /** An object of somebody else. */
  | { readonly kind: 'foreign' }
  | {
      readonly kind: 'error' | 'warning';
      readonly id: string;
      readonly path: YamlPath;
      readonly message: string;
      readonly hint?: string | undefined;
    };

const OUR_KINDS: readonly string[] = ['Instance', 'Operator', 'OperatorVersion'];
/** Kinds of our own group that belong into Git. */
const GITOPS_KINDS: readonly string[] = ['Package', 'PlanRun', 'PlanSchedule'];
const CLUSTER_KINDS: readonly string[] = ['Sync', 'Rollout', 'RolloutPart'];
const KUDO_GROUP = 'kudo.dev';

/** Says what a document is by its apiVersion and kind; whatever is nearly one of ours is an error. */
export function classifyDocument(value: unknown): DocumentClass {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return notAnObject();
  const { apiVersion, kind, items } = value as Record<string, unknown>;
  if (apiVersion === undefined || kind === undefined) {
    return unnamed(Object.keys(value), apiVersion, kind);
  }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return error('wrong-type', ['apiVersion'], 'apiVersion and kind must be text');
  }
  if (kind === 'List') return list(items);
  return named(apiVersion, kind);
}

function named(apiVersion: string, kind: string): DocumentClass {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return OUR_KINDS.includes(kind) ? wrongVersion(apiVersion) : { kind: 'foreign' };
  const group = apiVersion.slice(0, slash);
  if (group === KUDO_GROUP) return ours(apiVersion, kind);
  if (group === GROUP) return gitops(apiVersion, kind);
  const meant = suggest(group, [KUDO_GROUP, GROUP]);
  if (meant === undefined || group.endsWith('.k8s.io')) return { kind: 'foreign' };
  const hint = `did you mean ${meant === GROUP ? API_VERSION : KUDO_API_VERSION}?`;
  return error('unknown-api-version', ['apiVersion'], `unknown apiVersion ${apiVersion}`, hint);
}

function ours(apiVersion: string, kind: string): DocumentClass {
  if (GITOPS_KINDS.includes(kind)) return wrongVersion(apiVersion, API_VERSION);
  if (!OUR_KINDS.includes(kind)) {
    const hint = suggestionHint(kind, OUR_KINDS) ?? `known here: ${OUR_KINDS.join(', ')}`;
    return error('unknown-kind', ['kind'], `unknown kind ${kind} of ${apiVersion}`, hint);
  }
  return apiVersion === KUDO_API_VERSION ? { kind: kind as OurKind } : wrongVersion(apiVersion);
}

function wrongVersion(apiVersion: string, right: string = KUDO_API_VERSION): DocumentClass {
  const message = `unknown apiVersion ${apiVersion}`;
  return error('unknown-api-version', ['apiVersion'], message, `write ${right}`);
}

function gitops(apiVersion: string, kind: string): DocumentClass {
  if (GITOPS_KINDS.includes(kind)) {
    if (apiVersion !== API_VERSION) return wrongVersion(apiVersion, API_VERSION);
    return { kind: kind as OurKind };
  }
  if (apiVersion === API_VERSION && CLUSTER_KINDS.includes(kind)) {
    const message = `a ${kind} is not taken from Git by a Sync`;
    const hint = 'apply it with kubectl, or move it out of the paths of the Sync';
    return { kind: 'warning', id: 'not-from-git', path: ['kind'], message, hint };
  }
  const known = [...OUR_KINDS, ...GITOPS_KINDS, ...CLUSTER_KINDS];
  const hint = suggestionHint(kind, known) ?? `Instances and operators are ${KUDO_API_VERSION}`;
  return error('unknown-kind', ['kind'], `unknown kind ${kind} of ${apiVersion}`, hint);
}

function list(items: unknown): DocumentClass {
  const hasOurs =
    Array.isArray(items) &&
    items.some((item: unknown) => !['foreign', 'warning'].includes(classifyDocument(item).kind));
  if (!hasOurs) return { kind: 'foreign' };
  const hint = 'write each item as a document of its own, separated by ---';
  return error('list', ['kind'], 'a List of KUDO objects is not read', hint);
}

function unnamed(keys: readonly string[], apiVersion: unknown, kind: unknown): DocumentClass {
  for (const wanted of ['apiVersion', 'kind']) {
    const slip = keys.find((key) => key !== wanted && suggest(key, [wanted]) !== undefined);
    if (!keys.includes(wanted) && slip !== undefined) {
      return error('unknown-field', [slip], `unknown field ${slip}`, `did you mean ${wanted}?`);
    }
  }
  if (OUR_KINDS.some((known) => known === kind)) {
    return error('missing-field', [], 'apiVersion is missing', `write ${KUDO_API_VERSION}`);
  }
  if (GITOPS_KINDS.some((known) => known === kind)) {
    return error('missing-field', [], 'apiVersion is missing', `write ${API_VERSION}`);
  }
  if (typeof apiVersion === 'string' && /(^|\.)kudo\.dev\//.test(apiVersion)) {
    const kinds = [...OUR_KINDS, ...GITOPS_KINDS].join(', ');
    return error('missing-field', [], 'kind is missing', `write one of ${kinds}`);
  }
  if (keys.includes('metadata') && keys.includes('spec')) {
    const hint = `write them, such as ${KUDO_API_VERSION} and Instance`;
    return error('missing-field', [], 'apiVersion and kind are missing', hint);
  }
  return notAnObject();
}

function notAnObject(): DocumentClass {
  const message = 'not a Kubernetes object: it has no apiVersion and kind';
  const hint = 'it is ignored; move it out of the paths of the Sync to silence this';
  return { kind: 'warning', id: 'not-an-object', path: [], message, hint };
}

function error(id: string, path: YamlPath, message: string, hint?: string): DocumentClass {
  return { kind: 'error', id, path, message, hint };
}
