import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FollowPush } from '../../src/sandbox/git-push-follower.ts';
import { startGitServer, type SandboxGitServer } from '../../src/sandbox/git-server.ts';
import { GitPerson, withToken } from '../fakes/git-person.ts';
import { liveScope } from '../fakes/scope.ts';

const TOKEN = 'token-of-ann';
const FILES = { 'kafka.yaml': 'brokers: 3\n', 'docs/read me.md': '# Fleet\n' };

let scope: ReturnType<typeof liveScope>;
let server: SandboxGitServer;
let ann: GitPerson;
let follow: FollowPush;

beforeEach(async () => {
  scope = liveScope();
  follow = async () => {};
  server = await startGitServer(
    {
      users: [
        { login: 'ann', token: TOKEN },
        { login: 'gitops', token: 'token-of-gitops' },
      ],
      path: process.env['PATH'] ?? '',
      nodePath: process.execPath,
      followPush: (...push) => follow(...push),
    },
    scope,
  );
  ann = await GitPerson.arrive();
});

afterEach(async () => {
  await server.stop();
  await ann.leave();
});

/** A promise that a test settles. */
function gate(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('git', () => {
  test('what is pushed is there for the next clone', async () => {
    const { url, head } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    expect(await ann.head(work)).toBe(head);
    expect((await ann.git(work, 'ls-files', '-z')).stdout.split('\0')).toEqual([
      'docs/read me.md',
      'kafka.yaml',
      '',
    ]);
    const pushed = await ann.commit(work, { 'kafka.yaml': 'brokers: 5\n' }, 'More brokers');
    await ann.git(work, 'push', '--quiet');
    const other = await ann.clone(withToken(url, TOKEN), 'other');
    expect(await ann.head(other)).toBe(pushed);
  });

  test('an empty repository takes its first push, large enough to be sent in chunks', async () => {
    const { url } = await server.createRepository('ann', 'fleet');
    const work = await ann.clone(withToken(url, TOKEN));
    const noise = randomBytes(2_000_000).toString('base64');
    await ann.commit(work, { noise }, 'Noise');
    await ann.git(work, 'push', '--quiet', 'origin', 'HEAD:main');
    const other = await ann.clone(withToken(url, TOKEN), 'other');
    expect(await ann.head(other)).toBe(await ann.head(work));
  });

  test('anyone reads a public repository; a wrong token gets nowhere, and nobody pushes without one', async () => {
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    await ann.git(ann.home, 'clone', '--quiet', url, 'anonymous');
    const push = ['push', withToken(url, 'wrong'), 'HEAD:topic'];
    await expect(ann.git(join(ann.home, 'anonymous'), ...push)).rejects.toThrow(
      /Authentication failed/,
    );
    await expect(
      ann.git(join(ann.home, 'anonymous'), 'push', 'origin', 'HEAD:topic'),
    ).rejects.toThrow(/could not read Username/);
  });

  test('a private repository is not there for strangers', async () => {
    const made = await fetch(`${server.url}/api/v1/user/repos`, {
      method: 'POST',
      headers: { authorization: `token ${TOKEN}` },
      body: JSON.stringify({ name: 'secret', private: true }),
    });
    expect(made.status).toBe(201);
    await expect(ann.git(ann.home, 'clone', `${server.url}/ann/secret.git`, 'x')).rejects.toThrow(
      /could not read Username/,
    );
    expect((await fetch(`${server.url}/api/v1/repos/ann/secret`)).status).toBe(404);
    expect((await fetch(`${server.url}/ann/secret`)).status).toBe(401);
    expect(await (await fetch(server.url)).text()).not.toContain('secret');
  });

  test('pull refs are the forge’s own', async () => {
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    await expect(ann.git(work, 'push', 'origin', 'HEAD:refs/pull/1/head')).rejects.toThrow(
      /hidden ref/,
    );
  });

  test('without git the person is told what to install', async () => {
    const options = { users: [], path: '/nonexistent', nodePath: process.execPath };
    await expect(startGitServer(options, scope)).rejects.toMatchObject({
      kind: 'missing',
      hint: expect.stringContaining('Install git') as string,
    });
  });
});

describe('remote lines', () => {
  test('the pusher sees the rollout live, after the ref is updated and without holding up others', async () => {
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    const other = await ann.clone(withToken(url, TOKEN), 'other');
    const open = gate();
    let seen: unknown;
    follow = async (update, write, signal) => {
      if (update.ref !== 'refs/heads/main') return;
      seen = { ...update, aborted: signal.aborted };
      write('kafka: deploy');
      await open.promise;
      write('kafka: \u001b[2Jsucceeded');
    };
    const oldOid = await ann.head(work);
    const newOid = await ann.commit(work, { 'kafka.yaml': 'brokers: 4\n' }, 'Four');
    const pushing = ann.push(work);
    await pushing.shows('remote: kafka: deploy');
    expect(seen).toEqual({
      repository: 'ann/fleet',
      ref: 'refs/heads/main',
      oldOid,
      newOid,
      aborted: false,
    });
    expect((await ann.git(other, 'ls-remote', 'origin', 'main')).stdout).toContain(newOid);
    await ann.git(other, 'push', '--quiet', 'origin', 'HEAD:refs/heads/topic');
    expect(pushing.output()).not.toContain('succeeded');
    open.resolve();
    expect(await pushing.ended).toBe(0);
    expect(pushing.output()).toContain('remote: kafka:  [2Jsucceeded');
  });

  test('leaving early changes nothing', async () => {
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    const left = gate();
    follow = async (_, write, signal) => {
      signal.addEventListener('abort', () => {
        left.resolve();
      });
      write('kafka: deploy');
      await new Promise(() => undefined);
    };
    const newOid = await ann.commit(work, { 'kafka.yaml': 'brokers: 4\n' }, 'Four');
    const pushing = ann.push(work);
    await pushing.shows('kafka: deploy');
    pushing.interrupt();
    await pushing.ended;
    await left.promise;
    expect((await ann.git(work, 'ls-remote', 'origin', 'main')).stdout).toContain(newOid);
  });

  test('stopping the server ends the pushes that are still followed', async () => {
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    follow = async (_, write) => {
      write('kafka: deploy');
      await new Promise(() => undefined);
    };
    await ann.commit(work, { 'kafka.yaml': 'brokers: 4\n' }, 'Four');
    const pushing = ann.push(work);
    await pushing.shows('kafka: deploy');
    await server.stop();
    await pushing.ended;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('a follower that fails does not fail the push', async () => {
    const { url } = await server.createRepository('ann', 'fleet', FILES);
    const work = await ann.clone(withToken(url, TOKEN));
    follow = async () => {
      throw new Error('no such rollout');
    };
    await ann.commit(work, { 'kafka.yaml': 'brokers: 4\n' }, 'Four');
    const { stderr } = await ann.git(work, 'push');
    expect(stderr).toContain('remote: The push is accepted');
  });
});
