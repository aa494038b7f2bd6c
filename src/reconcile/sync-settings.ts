import * as z from 'zod';
import type { KubeClient } from '../cluster/kube-client.ts';
import { pathOf, SECRETS } from '../cluster/resources.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { sha256 } from '../lib/sha256.ts';
import { Failure } from '../lib/failure.ts';
import { credentialsIn, type ForgeCredentials } from '../forge/forge-credentials.ts';
import { forgeTypeOf } from '../forge/forge-registry.ts';
import type { Scope } from '../lib/scope.ts';
import { parseDuration } from '../model/duration.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { ForgeType } from '../model/forge-type.ts';
import { SyncSpec, type Sync } from '../model/sync.ts';
import type { GitRemote } from '../source/git-source.ts';
import type { Proxy } from '../lib/proxy.ts';

/** A Sync's spec, checked, with its durations in milliseconds. */
export interface SyncSettings extends Omit<SyncSpec, 'forge'> {
  readonly forge: ForgeSettings | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly planTimeoutMs: number;
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string;
}

/** `spec.forge`, its type known. */
export type ForgeSettings = NonNullable<SyncSpec['forge']> & { readonly type: ForgeType };

/** @throws {Failure} `invalid`, naming every field that is wrong */
export function readSettings(sync: Sync): SyncSettings {
  const parsed = SyncSpec.safeParse(sync.spec);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      ({ path, message }) => `spec.${path.join('.')}: ${message}`,
    );
    throw new Failure('invalid', issues.join('; '));
  }
  const { namespace = '', name, uid = '' } = sync.metadata;
  const { url, forge } = parsed.data;
  return {
    ...parsed.data,
    forge: forge && { ...forge, type: forgeTypeOf(url, forge.type) },
    namespace,
    name,
    uid,
    intervalMs: parseDuration(parsed.data.interval) ?? 60_000,
    timeoutMs: parseDuration(parsed.data.timeout) ?? 300_000,
    planTimeoutMs: parseDuration(parsed.data.planTimeout) ?? 7_200_000,
    defaultNamespace: parsed.data.targetNamespace ?? namespace,
  };
}

/** A Sync whose spec cannot be used is told so by its own pass. */
export function settingsOrNone(sync: Sync): SyncSettings | undefined {
  try {
    return readSettings(sync);
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

/** Changes exactly when the same commit may say something else of the cluster. */
export function settingsHash({
  url,
  ref,
  paths,
  defaultNamespace,
  replaceOperatorVersions,
}: Pick<
  SyncSettings,
  'url' | 'ref' | 'paths' | 'defaultNamespace' | 'replaceOperatorVersions'
>): string {
  const replaces = replaceOperatorVersions ? ['replaceOperatorVersions'] : [];
  return sha256(JSON.stringify([url, ref, paths, defaultNamespace, ...replaces])).slice(0, 16);
}

type SecretData = Readonly<Record<string, string>>;

/** The repository with what its Secret says (Flux's keys). */
export async function readRemote(
  settings: SyncSettings,
  client: KubeClient,
  scope: Scope,
): Promise<GitRemote> {
  const data = settings.secretRef
    ? await readSecret(settings.namespace, settings.secretRef.name, client, scope)
    : {};
  return {
    url: settings.url,
    username: data['username'],
    password: data['password'],
    bearerToken: data['bearerToken'],
    ca: data['ca.crt'],
    identity: data['identity'],
    knownHosts: data['known_hosts'],
    proxy: await readProxy(settings, client, scope),
  };
}

async function readProxy(
  { namespace, proxySecretRef }: SyncSettings,
  client: KubeClient,
  scope: Scope,
): Promise<Proxy | undefined> {
  if (!proxySecretRef) return undefined;
  const { name } = proxySecretRef;
  const { address, username, password } = await readSecret(namespace, name, client, scope);
  if (address !== undefined) return { url: address, username, password };
  throw new Failure('invalid', `Secret ${namespace}/${name} has no key address`, {
    hint: 'put the address of the proxy there, such as http://proxy.example.org:3128',
  });
}

/** What the Secrets of `spec.forge` and `spec.proxySecretRef` say. */
export interface ForgeSecret {
  readonly credentials: ForgeCredentials;
  /** Undefined when the forge sends no webhooks. */
  readonly webhookSecret: string | undefined;
  readonly ca: string | undefined;
  /** Goes before what the environment says. */
  readonly proxy: Proxy | undefined;
}

/** @throws {Failure} `invalid` when the Secret has nothing to sign in with */
export async function readForgeSecret(
  settings: SyncSettings,
  client: KubeClient,
  scope: Scope,
): Promise<ForgeSecret | undefined> {
  if (!settings.forge) return undefined;
  const { name } = settings.forge.secretRef;
  const data = await readSecret(settings.namespace, name, client, scope);
  return {
    credentials: credentialsIn(data, `Secret ${settings.namespace}/${name}`),
    webhookSecret: data['webhookSecret'],
    ca: data['ca.crt'],
    proxy: await readProxy(settings, client, scope),
  };
}

const Secret = z.object({ data: z.record(z.string(), z.string()).nullish() });

/** The Secret's values, decoded. */
async function readSecret(
  namespace: string,
  name: string,
  client: KubeClient,
  scope: Scope,
): Promise<SecretData> {
  try {
    const secret = await client.get<KubeObject>(pathOf(SECRETS, `${namespace}/${name}`), scope);
    const { data } = Secret.parse(secret);
    return Object.fromEntries(
      Object.entries(data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString('utf8').trim(),
      ]),
    );
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.code !== 404) throw thrown;
    throw new Failure('invalid', `Secret ${namespace}/${name} does not exist`, {
      hint: `kubectl -n ${namespace} create secret generic ${name} …`,
    });
  }
}
