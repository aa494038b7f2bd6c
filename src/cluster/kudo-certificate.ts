import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import { certificateEndsAt, isTrusted, splitPem } from '../lib/certificate-trust.ts';
import type { ServingCertificate } from '../lib/serving-certificate.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { type KubeClient, KubeError } from './kube-client.ts';
import {
  isManagedByUs,
  KUDO_HOST,
  KUDO_NAMESPACE,
  KUDO_SECRET,
  KUDO_WEBHOOK,
  toBase64,
} from './kudo-install.ts';
import { MUTATING_WEBHOOKS, SECRETS } from './resources.ts';

const DAY_MS = 24 * 3_600_000;
const VALID_MS = 365 * DAY_MS;
/** Long before the end, so that weeks of a stopped service do no harm. */
const RENEW_BEFORE_MS = 120 * DAY_MS;
const CHECK_EVERY_MS = DAY_MS / 2;
const RETRY_AFTER_MS = 60_000;

/** The certificate as the cluster has it; all PEM, empty where there is none. */
export interface HeldCertificate {
  readonly certPem: string;
  readonly caPem: string;
  /** What the API server trusts. */
  readonly bundlePem: string;
}

/** `trust`: the certificate is good, but the API server does not trust it. */
export type CertificateNeed = 'nothing' | 'trust' | 'renew';

/** What must be done so that the API server can go on calling KUDO's webhook. */
export function certificateNeed(held: HeldCertificate, nowMs: number): CertificateNeed {
  const endsAt = certificateEndsAt(held.certPem);
  if (endsAt === undefined || endsAt - nowMs < RENEW_BEFORE_MS) return 'renew';
  if (isTrusted(held.certPem, held.bundlePem, KUDO_HOST)) return 'nothing';
  return isTrusted(held.certPem, held.caPem, KUDO_HOST) ? 'trust' : 'renew';
}

export type CertificateOutcome = 'not installed' | 'current' | 'trusted' | 'renewed';

/**
 * Renews the certificate of KUDO's webhook when its end comes near, and makes the API server trust it.
 * Does nothing unless KUDO was installed by us. Trust comes first and covers the old certificate too,
 * because the manager sees the new one only when its volume is refreshed, which takes a minute or two.
 *
 * @throws {KubeError} 409 when somebody else changed the objects meanwhile: try again
 */
export async function renewKudoCertificate(
  client: KubeClient,
  scope: Scope,
): Promise<CertificateOutcome> {
  const installed = await readInstalled(client, scope);
  if (!installed) return 'not installed';
  const { webhook, secret, held } = installed;
  const need = certificateNeed(held, scope.clock.now());
  if (need === 'nothing') return 'current';
  if (need === 'trust') {
    await trust(client, webhook, held.caPem, scope);
    return 'trusted';
  }
  const { issueServingCertificate } = await import('../lib/serving-certificate.ts');
  const issued = await issueServingCertificate(
    { hosts: [KUDO_HOST], validMs: VALID_MS },
    scope.clock.now(),
  );
  await trust(client, webhook, issued.caPem + authoritiesOf(held), scope);
  await store(client, secret.metadata.resourceVersion, issued, scope);
  scope.log.info('webhook certificate renewed', { secret: `${KUDO_NAMESPACE}/${KUDO_SECRET}` });
  return 'renewed';
}

/** Keeps the certificate good until the scope stops; looks twice a day. */
export async function keepKudoCertificate(client: KubeClient, scope: Scope): Promise<void> {
  while (!scope.signal.aborted) {
    const waitMs = await renewKudoCertificate(client, scope).then(
      () => CHECK_EVERY_MS,
      (thrown: unknown) => {
        if (!scope.signal.aborted) {
          scope.log.warn('webhook certificate could not be renewed', { error: thrown });
        }
        return RETRY_AFTER_MS;
      },
    );
    await scope.clock.sleep(waitMs, scope.signal).catch((thrown: unknown) => {
      if (!scope.signal.aborted) throw thrown;
    });
  }
}

const WEBHOOK_PATH = { ...MUTATING_WEBHOOKS, name: KUDO_WEBHOOK };
const SECRET_PATH = { ...SECRETS, namespace: KUDO_NAMESPACE, name: KUDO_SECRET };

const Metadata = z.object({
  name: z.string(),
  resourceVersion: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
const Secret = z.object({
  metadata: Metadata,
  data: z.record(z.string(), z.string()).nullish(),
});
const Webhook = z.object({
  metadata: Metadata,
  webhooks: z
    .array(
      z.looseObject({
        clientConfig: z.looseObject({
          service: z.looseObject({}).optional(),
          caBundle: z.string().optional(),
        }),
      }),
    )
    .nullish(),
});

interface Installed {
  readonly webhook: z.infer<typeof Webhook>;
  readonly secret: z.infer<typeof Secret>;
  readonly held: HeldCertificate;
}

/** Undefined when KUDO was not installed by us, or its webhook is called by URL. */
async function readInstalled(client: KubeClient, scope: Scope): Promise<Installed | undefined> {
  const webhook = await readOurs(client, WEBHOOK_PATH, Webhook, scope);
  const secret = await readOurs(client, SECRET_PATH, Secret, scope);
  const clientConfig = webhook?.webhooks?.[0]?.clientConfig;
  if (!webhook || !secret || !clientConfig?.service) return undefined;
  const data = secret.data ?? {};
  const held = {
    certPem: fromBase64(data['tls.crt']),
    caPem: fromBase64(data['ca.crt']),
    bundlePem: fromBase64(clientConfig.caBundle),
  };
  return { webhook, secret, held };
}

/** When the certificate in use ends, in epoch milliseconds, and what it needs; undefined when KUDO was not installed by us. */
export async function readKudoCertificate(
  client: KubeClient,
  scope: Scope,
): Promise<{ readonly endsAt: number | undefined; readonly need: CertificateNeed } | undefined> {
  const installed = await readInstalled(client, scope);
  if (!installed) return undefined;
  const { held } = installed;
  return {
    endsAt: certificateEndsAt(held.certPem),
    need: certificateNeed(held, scope.clock.now()),
  };
}

async function readOurs<T extends { readonly metadata: z.infer<typeof Metadata> }>(
  client: KubeClient,
  path: typeof WEBHOOK_PATH | typeof SECRET_PATH,
  schema: z.ZodType<T>,
  scope: Scope,
): Promise<T | undefined> {
  try {
    const object = schema.parse(await client.get(path, scope));
    return isManagedByUs(object) ? object : undefined;
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 404) return undefined;
    throw thrown;
  }
}

/** The authorities that still matter: those of the certificate in use. */
function authoritiesOf(held: HeldCertificate): string {
  return splitPem(held.bundlePem)
    .filter((ca) => isTrusted(held.certPem, ca, KUDO_HOST))
    .map((ca) => `${ca}\n`)
    .join('');
}

async function trust(
  client: KubeClient,
  webhook: z.infer<typeof Webhook>,
  caPem: string,
  scope: Scope,
): Promise<void> {
  const webhooks = (webhook.webhooks ?? []).map((one) => ({
    ...one,
    clientConfig: { ...one.clientConfig, caBundle: toBase64(caPem) },
  }));
  const { resourceVersion } = webhook.metadata;
  const body = { metadata: { resourceVersion }, webhooks };
  await client.patch(WEBHOOK_PATH, { type: 'merge', body, fieldManager: FIELD_MANAGER }, scope);
}

async function store(
  client: KubeClient,
  resourceVersion: string | undefined,
  issued: ServingCertificate,
  scope: Scope,
): Promise<void> {
  const data = {
    'tls.crt': toBase64(issued.certPem),
    'tls.key': toBase64(issued.keyPem),
    'ca.crt': toBase64(issued.caPem),
  };
  const body = { metadata: { resourceVersion }, data };
  await client.patch(SECRET_PATH, { type: 'merge', body, fieldManager: FIELD_MANAGER }, scope);
}

function fromBase64(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString('utf8');
}
