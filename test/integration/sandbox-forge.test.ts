import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import { giteaWebhook } from '../../src/forge/gitea-webhook.ts';
import type { WebhookEvent } from '../../src/forge/webhook-event.ts';
import { startGitServer, type SandboxGitServer } from '../../src/sandbox/git-server.ts';
import { GitPerson, withToken } from '../fakes/git-person.ts';
import { liveScope } from '../fakes/scope.ts';
import { WebhookReceiver } from '../fakes/webhook-receiver.ts';

const SECRET = 'webhook-secret';
const TOKEN = 'token-of-ann';
const FILES = { 'kafka.yaml': 'brokers: 3\n', 'docs/read me.md': '# Fleet\n' };

let scope: ReturnType<typeof liveScope>;
let server: SandboxGitServer;
let ann: GitPerson;

beforeEach(async () => {
  scope = liveScope();
  server = await startGitServer(
    {
      users: [
        { login: 'ann', token: TOKEN },
        { login: 'gitops', token: 'token-of-gitops' },
      ],
      path: process.env['PATH'] ?? '',
      nodePath: process.execPath,
    },
    scope,
  );
  ann = await GitPerson.arrive();
});

afterEach(async () => {
  await server.stop();
  await ann.leave();
});

async function api(method: string, path: string, body?: unknown, token = TOKEN) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

function forge(url: string): OpenForge {
  return openForge({
    type: 'gitea',
    url,
    credentials: { kind: 'token', token: 'token-of-gitops' },
  });
}

async function hook(path: string, url: string): Promise<void> {
  const { status } = await api('POST', `${path}/hooks`, {
    type: 'gitea',
    config: { url, content_type: 'json', secret: SECRET },
    events: ['push', 'pull_request'],
    active: true,
  });
  expect(status).toBe(201);
}

/** What our own reader makes of the deliveries, their signatures checked. */
function eventsOf(hooks: WebhookReceiver): readonly WebhookEvent[] {
  expect(hooks.deliveries.every((delivery) => giteaWebhook.isProven(delivery, SECRET))).toBe(true);
  return hooks.deliveries.map(giteaWebhook.read);
}

describe('the forge', () => {
  test('a pull request is opened, seen by our adapter, moved, commented on and merged', async () => {
    const hooks = new WebhookReceiver();
    const { url, head: base } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    await ann.git(work, 'switch', '--quiet', '-c', 'topic');
    const first = await ann.commit(work, { 'kafka.yaml': 'brokers: 5\n' }, 'Five');
    await ann.git(work, 'push', '--quiet', 'origin', 'topic');
    await hook('/repos/ann/fleet', await hooks.listen());

    const opened = await api('POST', '/repos/ann/fleet/pulls', {
      head: 'topic',
      base: 'main',
      title: 'Five brokers',
    });
    expect(opened).toMatchObject({
      status: 201,
      json: { number: 1, mergeable: true, merge_base: base },
    });
    const gitea = forge(url);
    expect(await gitea.openPullRequests(scope)).toEqual([
      {
        number: 1,
        title: 'Five brokers',
        author: 'ann',
        url: `${server.url}/ann/fleet/pulls/1`,
        headSha: first,
        headRef: 'topic',
        baseRef: 'main',
        fromFork: false,
        fetchRef: 'refs/pull/1/head',
      },
    ]);

    const second = await ann.commit(work, { 'kafka.yaml': 'brokers: 6\n' }, 'Six');
    await ann.git(work, 'push', '--quiet', 'origin', 'topic');
    expect((await ann.git(work, 'ls-remote', 'origin', 'refs/pull/1/head')).stdout).toContain(
      second,
    );

    expect(await gitea.whoAmI(scope)).toBe('gitops');
    await gitea.createComment(1, 'preview', scope);
    const [comment] = await gitea.comments(1, scope);
    await gitea.editComment(1, comment?.id ?? '', 'preview 2', scope);
    expect(await gitea.comments(1, scope)).toEqual([
      { id: comment?.id, author: 'gitops', body: 'preview 2' },
    ]);

    expect((await api('POST', '/repos/ann/fleet/pulls/1/merge', { Do: 'merge' })).status).toBe(200);
    expect(await gitea.openPullRequests(scope)).toEqual([]);
    await ann.git(work, 'fetch', '--quiet', 'origin');
    const { stdout } = await ann.git(work, 'log', '-1', '--format=%P %an %s', 'origin/main');
    expect(stdout.trim()).toBe(
      `${base} ${second} ann Merge pull request 'Five brokers' (#1) from topic into main`,
    );
    const merged = (await ann.git(work, 'rev-parse', 'origin/main')).stdout.trim();
    const repository = 'ann/fleet';
    await hooks.seen(7);
    expect(eventsOf(hooks)).toEqual([
      { kind: 'pull-request', repository, number: 1, headSha: first },
      { kind: 'push', repository, ref: 'refs/heads/topic', after: second },
      { kind: 'pull-request', repository, number: 1, headSha: second },
      { kind: 'other', event: 'issue_comment', repository },
      { kind: 'other', event: 'issue_comment', repository },
      { kind: 'push', repository, ref: 'refs/heads/main', after: merged },
      { kind: 'pull-request', repository, number: 1, headSha: second },
    ]);
    gitea.close();
    hooks.close();
  });

  test('a conflict is not merged, and says so before', async () => {
    const { url, head: base } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    await ann.commit(work, { 'kafka.yaml': 'brokers: 4\n' }, 'Four');
    await ann.git(work, 'push', '--quiet', 'origin', 'HEAD:main');
    await ann.git(work, 'switch', '--quiet', '-c', 'topic', base ?? '');
    await ann.commit(work, { 'kafka.yaml': 'brokers: 5\n' }, 'Five');
    await ann.git(work, 'push', '--quiet', 'origin', 'topic');
    const opened = await api('POST', '/repos/ann/fleet/pulls', {
      head: 'topic',
      base: 'main',
      title: 'x',
    });
    expect(opened.json).toMatchObject({ mergeable: false });
    expect((await api('POST', '/repos/ann/fleet/pulls/1/merge', { Do: 'merge' })).status).toBe(409);
  });

  test('every status is kept and the newest of a context counts', async () => {
    const { url, head = '' } = await server.createRepository('ann', 'fleet', FILES);
    const gitea = forge(url);
    const context = 'kudo-gitops/sandbox/default/fleet';
    expect(await gitea.newestStatus(head, context, scope)).toBeUndefined();
    const pending = { context, state: 'pending', description: 'deploy 1/3 phases' } as const;
    const success = {
      context,
      state: 'success',
      description: 'done',
      targetUrl: 'http://127.0.0.1:1/rollouts/1',
    } as const;
    await gitea.setStatus(head, pending, scope);
    await gitea.setStatus(head, { context: 'ci', state: 'success', description: '' }, scope);
    await gitea.setStatus(head, success, scope);
    expect(await gitea.newestStatus(head, context, scope)).toEqual(success);
    const all = await api('GET', `/repos/ann/fleet/commits/${head}/statuses`);
    expect(all.json).toMatchObject([
      { id: 3, status: 'success', context },
      { id: 2, status: 'success', context: 'ci' },
      { id: 1, status: 'pending', context },
    ]);
    expect((await api('GET', '/repos/ann/fleet/commits/main/status')).json).toMatchObject({
      state: 'success',
      total_count: 2,
    });
    gitea.close();
  });

  test('a webhook that fails is delivered again, in order', async () => {
    const hooks = new WebhookReceiver([500]);
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    await hook('/repos/ann/fleet', await hooks.listen());
    const work = await ann.clone(withToken(url, TOKEN));
    await ann.git(work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/a', 'HEAD:refs/heads/b');
    await hooks.seen(2);
    expect(eventsOf(hooks)).toMatchObject([{ ref: 'refs/heads/a' }, { ref: 'refs/heads/b' }]);
    hooks.close();
  });

  test('faults are seen by our adapter as what they are', async () => {
    const { url, head = '' } = await server.createRepository('ann', 'fleet', FILES);
    const gitea = forge(url);
    const status = { context: 'c', state: 'success', description: '' } as const;
    const failure = (): Promise<unknown> =>
      gitea.setStatus(head, status, scope).catch((thrown: unknown) => thrown);
    server.faults.add({ match: /POST .*\/statuses\//, status: 429, retryAfter: 3, times: 1 });
    expect(await failure()).toMatchObject({ kind: 'unreachable', retryAfterMs: 3_000 });
    server.faults.add({ match: /POST .*\/statuses\//, cut: 'before', times: 1 });
    expect(await failure()).toMatchObject({ kind: 'unreachable' });
    expect(await gitea.newestStatus(head, 'c', scope)).toBeUndefined();
    server.faults.add({ match: /POST .*\/statuses\//, cut: 'after', times: 1 });
    expect(await failure()).toMatchObject({ kind: 'unreachable' });
    expect(await gitea.newestStatus(head, 'c', scope)).toEqual(status);
    expect(server.faults.count(/POST .*\/statuses\//)).toBe(3);
    gitea.close();
  });

  test('pages escape what people wrote, and link only to web pages', async () => {
    const { url, pageUrl, head = '' } = await server.createRepository('ann', 'fleet', FILES);
    const evil = '<script>alert(1)</script>';
    const work = await ann.clone(withToken(url, TOKEN));
    await ann.git(work, 'switch', '--quiet', '-c', 'topic');
    await ann.commit(work, { 'kafka.yaml': 'x: 1\n' }, evil);
    await ann.git(work, 'push', '--quiet', 'origin', 'topic');
    await api('POST', '/repos/ann/fleet/pulls', { head: 'topic', base: 'main', title: evil });
    await api('POST', '/repos/ann/fleet/issues/1/comments', { body: `| a |\n|---|\n${evil}` });
    const path = `/repos/ann/fleet/statuses/${head}`;
    await api('POST', path, {
      state: 'success',
      context: 'good',
      target_url: 'http://127.0.0.1/r/1',
    });
    await api('POST', path, { state: 'failure', context: evil, target_url: 'javascript:alert(1)' });
    const pages = await Promise.all(
      [pageUrl, `${pageUrl}/commit/${head}`, `${pageUrl}/pulls/1`, server.url].map(async (page) =>
        (await fetch(page)).text(),
      ),
    );
    for (const page of pages) {
      expect(page).toContain('<!doctype html>');
      expect(page).not.toMatch(/<script|javascript:/);
    }
    expect(pages[0]).toContain('<a href="http://127.0.0.1/r/1">good</a>');
    expect(pages[2]).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});
