import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import { giteaWebhook } from '../../src/forge/gitea-webhook.ts';
import {
  installWebhook,
  removeWebhooks,
  webhookStanding,
} from '../../src/report/registered-webhook.ts';
import type { CommitState } from '../../src/model/commit-status.ts';
import { liveScope } from '../fakes/scope.ts';
import { WebhookReceiver } from '../fakes/webhook-receiver.ts';
import { createWorkspace, type GitWorkspace } from './git-workspace.ts';
import {
  createPullRequest,
  createRepository,
  createToken,
  giteaRequest,
  type GiteaPullRequest,
  type GiteaRepository,
} from './gitea-api.ts';
import { startGitea, type RealGitea } from './gitea.ts';
import { waitFor } from './processes.ts';

/** What docs/forges.md says that the token needs. */
const DOCUMENTED = ['write:repository', 'write:issue', 'read:user'];

const CONTEXT = 'kudo-gitops/test/shop/fleet';

/** Why: every operation of the adapter runs against what a real Gitea accepts and answers, with no more rights than we ask for. */
describe('our adapter at a real Gitea', () => {
  const scope = liveScope();
  let gitea: RealGitea;
  let repository: GiteaRepository;
  let workspace: GitWorkspace;
  let forge: OpenForge;
  let base: string;
  let head: string;
  let pull: GiteaPullRequest;

  const open = (token: string): OpenForge =>
    openForge({ type: 'gitea', url: repository.cloneUrl, credentials: { kind: 'token', token } });

  beforeAll(async () => {
    gitea = await startGitea();
    repository = await createRepository(gitea, 'fleet');
    workspace = await createWorkspace(repository.pushUrl);
    base = await workspace.commit('Start', { 'a.yaml': 'brokers: 3\n', 'b.yaml': 'x: 1\n' });
    await workspace.push();
    await workspace.git('switch', '--quiet', '-c', 'topic');
    await workspace.git('mv', 'b.yaml', 'c.yaml');
    head = await workspace.commit('Grow', { 'a.yaml': 'brokers: 5\n' });
    await workspace.push('topic');
    await workspace.git('switch', '--quiet', 'main');
    await workspace.commit('Go on', { 'd.yaml': 'x: 2\n' });
    await workspace.push();
    pull = await createPullRequest(gitea, repository, { head: 'topic', title: 'Grow' });
    forge = open(await createToken(gitea, 'forge', DOCUMENTED));
  });

  afterAll(async () => {
    forge.close();
    await workspace.remove();
    await gitea.stop();
  });

  it('keeps every state of a status, with the longest description and its link', async () => {
    const states: readonly CommitState[] = ['pending', 'success', 'failure', 'error'];
    for (const state of states) {
      const description = `${state} `.padEnd(forge.maxDescription, 'é');
      const status = { context: CONTEXT, state, description, targetUrl: 'http://pages.example/1' };
      // A context has one newest status at a time.
      // oxlint-disable-next-line no-await-in-loop
      await forge.setStatus(base, status, scope);
      // oxlint-disable-next-line no-await-in-loop
      expect(await forge.newestStatus(base, CONTEXT, scope)).toEqual(status);
    }
    expect(await forge.newestStatus(base, `${CONTEXT}/other`, scope)).toBeUndefined();
  });

  it('says that a commit it does not have is missing', async () => {
    const status = { context: CONTEXT, state: 'success', description: 'done' } as const;
    await expect(forge.setStatus('f'.repeat(40), status, scope)).rejects.toMatchObject({
      name: 'Failure',
    });
  });

  it('lists open pull requests with the ref that Git gives the head under', async () => {
    expect(await forge.openPullRequests(scope)).toEqual([
      {
        number: pull.number,
        title: 'Grow',
        author: gitea.user,
        url: pull.url,
        headSha: head,
        headRef: 'topic',
        baseRef: 'main',
        fromFork: false,
        fetchRef: `refs/pull/${pull.number}/head`,
      },
    ]);
    const refs = await workspace.git('ls-remote', 'origin', `refs/pull/${pull.number}/head`);
    expect(refs).toContain(head);
  });

  it('tells what a pull request changes since it left the branch, old names too', async () => {
    const [first] = await forge.openPullRequests(scope);
    const changes = first && (await forge.changesOf(first, scope));
    expect({ ...changes, files: changes?.files.toSorted() }).toEqual({
      mergeBase: base,
      files: ['a.yaml', 'b.yaml', 'c.yaml'],
      isComplete: true,
    });
  });

  it('writes one comment and edits it in place', async () => {
    expect(await forge.whoAmI(scope)).toBe(gitea.user);
    await forge.createComment(pull.number, 'preview', scope);
    const [comment] = await forge.comments(pull.number, scope);
    await forge.editComment(pull.number, comment?.id ?? '', 'preview 2', scope);
    expect(await forge.comments(pull.number, scope)).toEqual([
      { id: comment?.id, author: gitea.user, body: 'preview 2' },
    ]);
  });

  it('installs, renews and removes the webhook, whose deliveries we can check', async () => {
    const hooks = new WebhookReceiver();
    const url = await hooks.listen();
    expect(await webhookStanding(url, forge, scope)).toBe('missing');
    expect(await installWebhook({ url, secret: 'first' }, forge, scope)).toBe('created');
    expect(await webhookStanding(url, forge, scope)).toBe('complete');
    expect(await installWebhook({ url, secret: 'second' }, forge, scope)).toBe('updated');
    expect(await forge.webhooks(scope)).toHaveLength(1);

    const after = await workspace.commit('Deliver', { 'd.yaml': 'x: 3\n' });
    await workspace.push();
    const delivery = await waitFor('the delivery', async () =>
      Promise.resolve(hooks.deliveries.find(({ body }) => Buffer.from(body).includes(after))),
    );
    expect(giteaWebhook.carriesProof(delivery.header)).toBe(true);
    expect(giteaWebhook.isProven(delivery, 'second')).toBe(true);
    expect(giteaWebhook.isProven(delivery, 'first')).toBe(false);
    expect(giteaWebhook.read(delivery)).toMatchObject({ kind: 'push', after });

    await giteaRequest(gitea, 'PATCH', `/repos/${gitea.user}/fleet/issues/${String(pull.number)}`, {
      state: 'closed',
    });
    const closed = await waitFor('the pull request’s delivery', async () =>
      Promise.resolve(
        hooks.deliveries.map(giteaWebhook.read).find(({ kind }) => kind === 'pull-request'),
      ),
    );
    expect(closed).toMatchObject({ number: pull.number, headSha: head });

    expect(await removeWebhooks(url, forge, scope)).toBe(1);
    expect(await webhookStanding(url, forge, scope)).toBe('missing');
    hooks.close();
  });

  it('tells what its owner may do, and not what the token may', async () => {
    expect(await forge.statusRight?.(scope)).toMatchObject({ may: undefined });
    const weak = open(await createToken(gitea, 'weak', ['read:repository', 'read:user']));
    expect(await weak.statusRight?.(scope)).toMatchObject({ may: undefined });
    const status = { context: CONTEXT, state: 'success', description: 'done' } as const;
    await expect(weak.setStatus(base, status, scope)).rejects.toMatchObject({ kind: 'denied' });
    weak.close();
  });

  it('tells that somebody who may only read may write no status', async () => {
    const reader = { user: 'reader', password: 'reads-and-no-more' };
    await giteaRequest(gitea, 'POST', '/admin/users', {
      username: reader.user,
      email: 'reader@example.org',
      password: reader.password,
      must_change_password: false,
    });
    const weak = open(await createToken({ ...gitea, ...reader }, 'reader', DOCUMENTED));
    expect(await weak.statusRight?.(scope)).toMatchObject({ may: false });
    const status = { context: CONTEXT, state: 'success', description: 'done' } as const;
    await expect(weak.setStatus(base, status, scope)).rejects.toMatchObject({ kind: 'denied' });
    weak.close();
  });

  it('denies a token that is wrong without repeating it', async () => {
    const wrong = open('0123456789abcdef0123456789abcdef01234567');
    await expect(wrong.whoAmI(scope)).rejects.toMatchObject({
      kind: 'denied',
      message: expect.not.stringContaining('0123456789abcdef') as string,
    });
    wrong.close();
  });
});
