import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { azureDevOpsWebhooks } from '../../test/forges/azure-webhook-samples.ts';
import {
  bitbucketCloudWebhooks,
  bitbucketDataCenterWebhooks,
} from '../../test/forges/bitbucket-webhook-samples.ts';
import {
  giteaWebhooks,
  githubWebhooks,
  gitlabWebhooks,
  type WebhookSamples,
} from '../../test/forges/webhook-samples.ts';
import { Failure } from '../lib/failure.ts';
import type { ForgeType } from '../model/forge-type.ts';
import { FORGES } from './forge-registry.ts';
import type { WebhookDelivery, WebhookKind } from './webhook-event.ts';
import { isSecret, isSignedBy } from './webhook-signature.ts';

/** One table for all forges; whoever adds a forge adds its deliveries here, or this does not compile. */
const SAMPLES: Record<ForgeType, WebhookSamples> = {
  github: githubWebhooks,
  gitlab: gitlabWebhooks,
  gitea: giteaWebhooks,
  'bitbucket-cloud': bitbucketCloudWebhooks,
  'bitbucket-data-center': bitbucketDataCenterWebhooks,
  'azure-devops': azureDevOpsWebhooks,
};
const SECRET = 'webhook-secret';

function delivery(
  headers: Readonly<Record<string, string>>,
  payload: unknown,
): WebhookDelivery & { readonly body: Uint8Array } {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { body, header: (name) => headers[name] };
}

/** What was read; whatever else than a short refusal is thrown is a bug and fails the test. */
function readOrRefusal(webhook: WebhookKind, given: WebhookDelivery): string {
  try {
    return webhook.read(given).kind;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.message.length < 400) return 'refused';
    throw thrown;
  }
}

describe.each(Object.entries(SAMPLES))('%s', (type, { prove, samples, malformed }) => {
  const { webhook } = FORGES[type as ForgeType];
  const [first] = samples;

  test.each(samples)('$why is read', ({ headers, payload, event }) => {
    expect(webhook.read(delivery(headers, payload))).toEqual(event);
  });

  test('a delivery proves where it comes from with the secret, and with no other', () => {
    const { body } = delivery({}, first?.payload);
    const proven = { body, header: (name: string) => prove(body, SECRET)[name] };
    expect(webhook.carriesProof(proven.header)).toBe(true);
    expect(webhook.isProven(proven, SECRET)).toBe(true);
    expect(webhook.isProven(proven, `${SECRET}2`)).toBe(false);
    expect(webhook.isProven(proven, '')).toBe(false);
  });

  test.each(['', 'ab', 'z'.repeat(64), `sha256=${'a'.repeat(63)}`, 'a'.repeat(64)])(
    'a made-up proof %j proves nothing',
    (made) => {
      const body = Buffer.from('{}');
      const headers = Object.fromEntries(
        Object.keys(prove(body, SECRET)).map((name) => [name, made]),
      );
      const given = { body, header: (name: string) => headers[name] };
      expect(webhook.isProven(given, SECRET)).toBe(false);
      expect(webhook.isProven(given, '')).toBe(false);
    },
  );

  test('without a proof it carries none', () => {
    expect(webhook.carriesProof((name) => first?.headers[name])).toBe(false);
  });

  test.each(malformed)('%s is refused with what is wrong', (_why, payload) => {
    expect(() => webhook.read(delivery(first?.headers ?? {}, payload))).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        message: expect.stringContaining('cannot be read'),
      }),
    );
  });

  test('whatever is sent is read or refused, and nothing in it crashes or hangs the reader', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const json = fc.json({ maxDepth: 8 }).map((text) => Buffer.from(text));
    const nested = fc.integer({ min: 1, max: 100_000 }).map((depth) => Buffer.alloc(depth, '['));
    const mutated = fc
      .tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255))
      .map(([{ payload }, at, byte]) => {
        const body = Buffer.from(JSON.stringify(payload));
        body[at % body.length] = byte;
        return body;
      });
    const event = fc.oneof(
      fc.constantFrom(...samples.flatMap(({ headers }) => Object.values(headers))),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.oneof(bytes, json, nested, mutated), event, (body, name) => {
        const outcome = readOrRefusal(webhook, { body, header: () => name });
        expect(['push', 'pull-request', 'other', 'refused']).toContain(outcome);
      }),
      { seed: 20_260_101, numRuns: 400 },
    );
  });
});

test('an empty secret accepts nothing, not even what an empty secret signed', () => {
  const body = Buffer.from('{}');
  const signature = giteaWebhooks.prove(body, '')['x-gitea-signature'] ?? '';
  expect(isSignedBy('', body, signature)).toBe(false);
  expect(isSecret('', '')).toBe(false);
});

test('a signature under the headers of another forge is none', () => {
  const body = Buffer.from('{}');
  const headers = githubWebhooks.prove(body, SECRET);
  expect(FORGES.gitea.webhook.carriesProof((name) => headers[name])).toBe(false);
  expect(FORGES.gitlab.webhook.carriesProof((name) => headers[name])).toBe(false);
});
