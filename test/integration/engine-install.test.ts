import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKubeClient } from '../../src/cluster/http-kube-client.ts';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { renewKudoCertificate } from '../../src/cluster/kudo-certificate.ts';
import {
  KUDO_HOST,
  KUDO_MANAGER,
  KUDO_SECRET,
  KUDO_WEBHOOK,
} from '../../src/cluster/kudo-install.ts';
import {
  INSTANCES,
  MUTATING_WEBHOOKS,
  SECRETS,
  STATEFUL_SETS,
} from '../../src/cluster/resources.ts';
import { engineCommand } from '../../src/commands/engine.ts';
import { messageOf } from '../../src/lib/failure.ts';
import { isTrusted, splitPem } from '../../src/lib/certificate-trust.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import { liveScope } from '../fakes/scope.ts';

const scope = liveScope();
const DAY_MS = 24 * 3_600_000;
const WEBHOOK = { ...MUTATING_WEBHOOKS, name: KUDO_WEBHOOK };
const SECRET = { ...SECRETS, namespace: 'kudo-system', name: KUDO_SECRET };
const MANAGER = { ...STATEFUL_SETS, namespace: 'kudo-system', name: KUDO_MANAGER };

let server: SandboxApiServer;
let folder: string;
let client: KubeClient;

beforeAll(async () => {
  server = await startApiServer({}, scope);
  folder = await mkdtemp(path.join(tmpdir(), 'engine-install-'));
  const kubeconfig = path.join(folder, 'config');
  await writeFile(kubeconfig, server.kubeconfig());
  client = createKubeClient(await loadKubeConfig({ kubeconfig, env: {} }), { userAgent: 'test' });
});

afterAll(async () => {
  scope.stop();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Runs `kudo-gitops engine …` and returns what it printed, its exit code and its failure. */
async function engine(...args: string[]): Promise<{ text: string; code: number; failure: string }> {
  let text = '';
  let code = 0;
  let failure = '';
  const write = (more: string): void => {
    text += more;
  };
  const command = engineCommand({
    scope,
    env: {},
    out: write,
    err: write,
    isTerminal: false,
    confirm: async () => Promise.resolve(false),
    exit: (wanted) => {
      code = wanted;
    },
    programFolder: folder,
    version: 'test',
  });
  const where = ['--kubeconfig', path.join(folder, 'config')];
  await command.parseAsync([...args, ...where], { from: 'user' }).catch((thrown: unknown) => {
    failure = messageOf(thrown);
  });
  return { text, code, failure };
}

async function certificate(): Promise<{ certPem: string; bundlePem: string }> {
  const secret = await client.get<KubeObject & { data: Record<string, string> }>(SECRET, scope);
  const webhook = await client.get<
    KubeObject & { webhooks: { clientConfig: { caBundle: string } }[] }
  >(WEBHOOK, scope);
  const decoded = (text: string | undefined): string =>
    Buffer.from(text ?? '', 'base64').toString();
  return {
    certPem: decoded(secret.data['tls.crt']),
    bundlePem: decoded(webhook.webhooks[0]?.clientConfig.caBundle),
  };
}

test('says what is missing before anything is installed', async () => {
  const { text, code } = await engine('status');
  expect(text).toContain('BAD manager           not installed');
  expect(code).toBe(1);
});

test('does not take over an installation of somebody else without being told', async () => {
  const metadata = { name: KUDO_MANAGER };
  const labels = { app: 'theirs' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'm', image: 'i' }] } };
  const spec = { serviceName: 's', selector: { matchLabels: labels }, template };
  const collection = { ...STATEFUL_SETS, namespace: 'kudo-system' };
  const manager = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec };
  await client.create(collection, manager, {}, scope);
  expect((await engine('install')).failure).toBe(
    `statefulsets/${KUDO_MANAGER} is there, but not from kudo-gitops`,
  );
  await client.delete(MANAGER, {}, scope);
});

test('installs KUDO with a certificate that the API server trusts, and again without a change', async () => {
  const first = await engine('install');
  expect(first.failure).toBe('');
  expect(first.text).toContain('created   statefulset/kudo-controller-manager');
  const { certPem, bundlePem } = await certificate();
  expect(isTrusted(certPem, bundlePem, KUDO_HOST)).toBe(true);

  const second = await engine('install');
  expect(second.text.split('\n').filter((line) => /^(created|updated)/.test(line))).toEqual([]);
  expect(await certificate()).toEqual({ certPem, bundlePem });
});

test('renews the certificate before it ends, and the old one stays trusted meanwhile', async () => {
  const before = await certificate();
  expect(await renewKudoCertificate(client, scope)).toBe('current');
  const later = { ...scope, clock: { ...scope.clock, now: () => Date.now() + 300 * DAY_MS } };
  expect(await renewKudoCertificate(client, later)).toBe('renewed');

  const after = await certificate();
  expect(after.certPem).not.toBe(before.certPem);
  expect(isTrusted(after.certPem, after.bundlePem, KUDO_HOST)).toBe(true);
  expect(isTrusted(before.certPem, after.bundlePem, KUDO_HOST)).toBe(true);
  expect(splitPem(after.bundlePem)).toHaveLength(2);
  expect(await renewKudoCertificate(client, later)).toBe('current');
});

test('makes the API server trust the certificate again when somebody took the trust away', async () => {
  const [webhook] = (await client.get<KubeObject & { webhooks: object[] }>(WEBHOOK, scope))
    .webhooks;
  const service = { name: 'kudo-controller-manager-service', namespace: 'kudo-system' };
  const body = { webhooks: [{ ...webhook, clientConfig: { service } }] };
  await client.patch(WEBHOOK, { type: 'merge', body }, scope);
  expect(await renewKudoCertificate(client, scope)).toBe('trusted');
  const { certPem, bundlePem } = await certificate();
  expect(isTrusted(certPem, bundlePem, KUDO_HOST)).toBe(true);
});

test('leaves a webhook alone that is called by URL: it is not that of an installed KUDO', async () => {
  const [webhook] = (await client.get<KubeObject & { webhooks: object[] }>(WEBHOOK, scope))
    .webhooks;
  const byUrl = [{ ...webhook, clientConfig: { url: 'https://127.0.0.1:1/admit' } }];
  await client.patch(WEBHOOK, { type: 'merge', body: { webhooks: byUrl } }, scope);
  expect(await renewKudoCertificate(client, scope)).toBe('not installed');
  expect((await engine('install')).failure).toBe('');
  expect(await renewKudoCertificate(client, scope)).toBe('current');
});

test('prints everything for Git without a cluster, and no key', async () => {
  const { text } = await engine('install', '--dry-run', '--context', 'none');
  expect(text.match(/^---$/gm)).toHaveLength(10);
  expect(text).not.toMatch(/caBundle|tls\.key|BEGIN/);
});

test('removes nothing without a yes, and no custom resources while there are Instances', async () => {
  expect(await engine('uninstall')).toMatchObject({
    code: 1,
    text: expect.stringContaining('nothing was removed') as unknown,
  });

  const instances = { ...INSTANCES, namespace: 'default' };
  const body = { apiVersion: 'kudo.dev/v1beta1', kind: 'Instance', metadata: { name: 'db' } };
  await client.delete(WEBHOOK, {}, scope);
  await client.create(instances, body, {}, scope);
  expect((await engine('uninstall', '--yes', '--delete-data')).failure).toBe(
    'there are still 1 Instance(s) in the cluster',
  );

  const { text } = await engine('uninstall', '--yes');
  expect(text).toContain('deleted   statefulset/kudo-controller-manager');
  expect(text).toContain('kept      customresourcedefinition/instances.kudo.dev');
  expect(await client.get({ ...instances, name: 'db' }, scope)).toMatchObject({ kind: 'Instance' });

  await client.delete({ ...instances, name: 'db' }, {}, scope);
  const rest = await engine('uninstall', '--yes', '--delete-data');
  expect(rest.text).toContain('deleted   customresourcedefinition/instances.kudo.dev');
});
