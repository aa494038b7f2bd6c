import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { giteaWebhook } from './gitea-webhook.ts';
import { isSignedBy } from './webhook-signature.ts';
import type { WebhookDelivery } from './webhook-event.ts';

const SECRET = 'webhook-secret';
const SHA = 'c'.repeat(40);
const repository = { id: 1, full_name: 'Acme/Fleet', clone_url: 'http://x/Acme/Fleet.git' };
const push = {
  ref: 'refs/heads/main',
  before: '0'.repeat(40),
  after: SHA,
  repository,
  commits: [],
};
const pullRequest = {
  action: 'synchronized',
  number: 4,
  pull_request: { id: 9, head: { sha: SHA, ref: 'topic' } },
  repository,
};

const sign = (body: Uint8Array): string => createHmac('sha256', SECRET).update(body).digest('hex');

function delivery(
  event: string,
  payload: unknown,
  headers: Record<string, string> = {},
): WebhookDelivery {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const all: Record<string, string> = {
    'x-gitea-event': event,
    'x-gitea-signature': sign(body),
    ...headers,
  };
  return { body, header: (name) => all[name] };
}

test.each([
  {
    why: 'a push',
    given: delivery('push', push),
    expected: { kind: 'push', repository: 'acme/fleet', ref: 'refs/heads/main', after: SHA },
  },
  {
    why: 'a moved pull request',
    given: delivery('pull_request', pullRequest),
    expected: { kind: 'pull-request', repository: 'acme/fleet', number: 4, headSha: SHA },
  },
  {
    why: 'an event nobody asked for',
    given: delivery('issues', { action: 'opened' }),
    expected: { kind: 'other', event: 'issues', repository: undefined },
  },
])('$why is read', ({ given, expected }) => {
  expect(giteaWebhook.carriesProof(given.header)).toBe(true);
  expect(giteaWebhook.isProven(given, SECRET)).toBe(true);
  expect(giteaWebhook.read(given)).toEqual(expected);
});

test.each([
  { why: 'no signature', given: delivery('push', push, { 'x-gitea-signature': '' }) },
  {
    why: 'a signature of other bytes',
    given: delivery('push', push, { 'x-gitea-signature': sign(Buffer.from('x')) }),
  },
  { why: 'a signature cut short', given: delivery('push', push, { 'x-gitea-signature': 'ab' }) },
  {
    why: 'a signature that is no hex',
    given: delivery('push', push, { 'x-gitea-signature': 'z'.repeat(64) }),
  },
])('a delivery with $why proves nothing', ({ given }) => {
  expect(giteaWebhook.isProven(given, SECRET)).toBe(false);
});

test('a signature under another forge’s header alone is none', () => {
  const given = delivery('push', push, {
    'x-gitea-signature': '',
    'x-hub-signature-256': `sha256=${'a'.repeat(64)}`,
  });
  expect(giteaWebhook.carriesProof(given.header)).toBe(false);
});

test('an empty secret accepts nothing, not even what an empty secret signed', () => {
  const body = Buffer.from('{}');
  expect(isSignedBy('', body, createHmac('sha256', '').update(body).digest('hex'))).toBe(false);
});

test('the prefix that GitHub writes is allowed', () => {
  const body = Buffer.from('{}');
  expect(isSignedBy(SECRET, body, `sha256=${sign(body)}`)).toBe(true);
});

test.each([
  { why: 'a form instead of JSON', given: delivery('push', 'payload=%7B%7D') },
  { why: 'a commit that is no commit', given: delivery('push', { ...push, after: '../../x' }) },
  { why: 'a push without a repository', given: delivery('push', { ...push, repository: null }) },
  {
    why: 'a pull request of no number',
    given: delivery('pull_request', { ...pullRequest, number: -1 }),
  },
])('$why is refused with what is wrong', ({ given }) => {
  expect(() => giteaWebhook.read(given)).toThrow(
    expect.objectContaining({
      kind: 'invalid',
      message: expect.stringContaining('cannot be read'),
    }),
  );
});
