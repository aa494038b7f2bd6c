import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace } from './git-workspace.ts';
import type { GitWorkspace } from './git-workspace.ts';
import {
  combinedState,
  comments,
  createPullRequest,
  createRepository,
  createStatus,
  createWebhook,
  deleteWebhook,
  giteaRequest,
  mergePullRequest,
  statuses,
} from './gitea-api.ts';
import type { GiteaRepository } from './gitea-api.ts';
import { startGitea } from './gitea.ts';
import type { RealGitea } from './gitea.ts';
import { waitFor } from './processes.ts';

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Why: the forge adapter is tested against what a real Gitea accepts, sends and shows. */
describe('a real Gitea', () => {
  const deliveries: Delivery[] = [];
  let receiver: Server;
  let gitea: RealGitea;
  let repository: GiteaRepository;
  let workspace: GitWorkspace;

  beforeAll(async () => {
    gitea = await startGitea();
    receiver = await receive(deliveries);
    repository = await createRepository(gitea, 'fleet');
    workspace = await createWorkspace(repository.pushUrl);
  });

  afterAll(async () => {
    await workspace.remove();
    receiver.close();
    await gitea.stop();
  });

  it('takes a push and keeps every status of a commit', async () => {
    const sha = await workspace.commit('Start the fleet', { 'README.md': 'fleet\n' });
    await workspace.push();
    const common = { context: 'kudo-gitops/test', targetUrl: 'http://127.0.0.1:1/rollouts/1' };
    const pending = { ...common, state: 'pending', description: 'running' } as const;
    const success = { ...common, state: 'success', description: 'done' } as const;
    await createStatus(gitea, repository, sha, pending);
    await createStatus(gitea, repository, sha, success);
    expect(await statuses(gitea, repository, sha)).toMatchObject([pending, success]);
    expect(await combinedState(gitea, repository, sha)).toBe('success');
  });

  it('calls a webhook after a push, signed with the shared secret', async () => {
    const { port } = receiver.address() as AddressInfo;
    const url = `http://127.0.0.1:${String(port)}/hook`;
    const id = await createWebhook(gitea, repository, { url, secret: 'shared' });
    const sha = await workspace.commit('Grow', { 'README.md': 'bigger fleet\n' });
    await workspace.push();
    // Gitea looks hooks up when it gets round to a push, so the push before may be delivered too.
    const delivery = await waitFor('the delivery', async () =>
      Promise.resolve(deliveries.find(({ body }) => body.includes(`"after": "${sha}"`))),
    );
    await deleteWebhook(gitea, repository, id);
    const signature = createHmac('sha256', 'shared').update(delivery.body).digest('hex');
    expect(delivery.headers).toMatchObject({
      'x-gitea-event': 'push',
      'x-gitea-signature': signature,
      'x-hub-signature-256': `sha256=${signature}`,
    });
    expect(JSON.parse(delivery.body)).toMatchObject({ ref: 'refs/heads/main', after: sha });
  });

  it('opens a pull request, shows its comments and merges it', async () => {
    const sha = await workspace.commit('Try', { 'more.md': 'more\n' });
    await workspace.push('try');
    const pull = await createPullRequest(gitea, repository, { head: 'try', title: 'Try' });
    expect(pull.headSha).toBe(sha);
    const path = `/repos/${repository.owner}/${repository.name}/issues/${String(pull.number)}`;
    await giteaRequest(gitea, 'POST', `${path}/comments`, { body: 'a preview' });
    expect(await comments(gitea, repository, pull.number)).toMatchObject([
      { body: 'a preview', author: 'gitops' },
    ]);
    const merged = await mergePullRequest(gitea, repository, pull.number);
    await workspace.git('fetch', '--quiet', 'origin', 'main');
    expect(await workspace.git('rev-parse', 'FETCH_HEAD')).toBe(merged);
  });
});

async function receive(deliveries: Delivery[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.once('end', () => {
      deliveries.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}
