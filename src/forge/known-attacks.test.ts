import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RecordingServer, say } from '../../test/fakes/recording-server.ts';
import { liveScope } from '../../test/fakes/scope.ts';
import { FORGE_TYPES, type ForgeType } from '../model/forge-type.ts';
import { FORGES, openForge, type OpenForge } from './forge-registry.ts';

/** One test per class of flaws that systems of this kind have had; every forge has to stand each. */

const TOKEN = 's3cr3t-token-of-the-forge';
const SHA = 'a'.repeat(40);
const STATUS = {
  context: 'kudo-gitops/prod',
  state: 'success',
  description: 'done',
  targetUrl: 'https://gitops.example.org/1',
} as const;

const forge = new RecordingServer();
let elsewhere: Server;
let reached: string[] = [];

beforeAll(async () => {
  await forge.listen();
  elsewhere = createServer((request, response) => {
    reached.push(`${request.method ?? ''} ${request.headers.authorization ?? ''}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  await new Promise<void>((resolve) => {
    elsewhere.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => {
  forge.close();
  elsewhere.close();
});
beforeEach(() => {
  forge.forget();
  reached = [];
});

const elsewhereUrl = (): string =>
  `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/steal`;

/** Clone URLs that each forge understands, at a host of ours. */
function open(type: ForgeType): OpenForge {
  const path = type === 'azure-devops' ? '/acme/shop/_git/fleet' : '/scm/acme/fleet.git';
  return openForge({
    type,
    url: forge.origin + path,
    apiUrl: forge.origin,
    credentials: { kind: 'token', token: TOKEN },
  });
}

describe.each(FORGE_TYPES)('%s', (type) => {
  test.each([301, 302, 307, 308])(
    'the token does not follow a redirect (%i) to another host',
    async (status) => {
      forge.answer = say({ status, headers: { location: elsewhereUrl() } });
      await expect(open(type).setStatus(SHA, STATUS, liveScope())).rejects.toMatchObject({
        name: 'Failure',
        message: expect.not.stringContaining(TOKEN) as string,
      });
      expect(reached).toEqual([]);
    },
  );

  test('an answer that names a next page on another host leads nowhere', async () => {
    const link = elsewhereUrl();
    forge.answer = (response, nth) => {
      const body = { values: [], value: [], next: link, isLastPage: true };
      const headers = { link: `<${link}>; rel="next"`, 'x-next-page': link };
      say({ body: nth % 2 === 0 ? body : [], headers })(response, 0);
    };
    await open(type)
      .openPullRequests(liveScope())
      .catch(() => undefined);
    expect(reached).toEqual([]);
  });

  test('a token that the forge repeats stands in no message', async () => {
    const basic = Buffer.from(`:${TOKEN}`).toString('base64');
    const message = `bad credentials: ${TOKEN} Bearer ${TOKEN} Basic ${basic}`;
    forge.answer = say({
      status: 422,
      body: { message, error: { message }, errors: [{ message }] },
    });
    const thrown: unknown = await open(type)
      .setStatus(SHA, STATUS, liveScope())
      .catch((reason: unknown) => reason);
    expect(String(thrown)).toContain('422');
    expect(String(thrown)).not.toContain(TOKEN);
  });

  test.each([
    'file:///etc/passwd',
    'gopher://169.254.169.254/acme/fleet',
    'ssh://git@git.example.org/acme/fleet.git',
    'https://git.example.org/acme/..%2f..%2fadmin',
    'https://git.example.org/acme/%2e%2e',
    'https://git.example.org/acme/fleet%00.git',
    'https://git.example.org/acme/fleet?x=/../../admin#/../..',
  ])('a repository URL leads to no other place of the API: %s', (url) => {
    const apiUrl = 'https://api.example.org/root';
    let base: string | undefined;
    let segments: readonly string[] = [];
    try {
      ({ apiBase: base, segments } = FORGES[type].locate(url, apiUrl));
    } catch (thrown) {
      if (!(thrown instanceof Error) || thrown.name !== 'Failure') throw thrown;
    }
    const path = segments.map(encodeURIComponent).join('/');
    const target = new URL(`${base ?? apiUrl}/${path}`);
    expect(target.href.startsWith(`${apiUrl}/`)).toBe(true);
    expect(segments.filter((part) => /^\.*$|[/\\%?#\0]/.test(part))).toEqual([]);
  });

  test('a delivery without proof is nobody’s, whatever other forges would make of it', () => {
    const body = Buffer.from('{}');
    const header = (name: string): string | undefined =>
      name.includes('event') ? 'push' : undefined;
    expect(FORGES[type].webhook.carriesProof(header)).toBe(false);
    expect(FORGES[type].webhook.isProven({ header, body }, '')).toBe(false);
    expect(FORGES[type].webhook.isProven({ header, body }, 'secret')).toBe(false);
  });
});
