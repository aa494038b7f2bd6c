import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import { upsertComment } from '../../src/report/upsert-comment.ts';
import { DEFAULT_GIT_LIMITS } from '../../src/source/git-limits.ts';
import type { GitSource } from '../../src/source/git-source.ts';
import { createMirrorGitSource } from '../../src/source/mirror-git-source.ts';
import { liveScope } from '../fakes/scope.ts';
import {
  createPullRequest,
  createRepository,
  giteaRequest,
  type GiteaRepository,
} from './gitea-api.ts';
import { startGitea, type RealGitea } from './gitea.ts';
import { createWorkspace, type GitWorkspace } from './git-workspace.ts';

/** More than a page of what Gitea gives by pages (50). */
const MANY = 53;
const NOTES = 'refs/notes/kudo-gitops';

/** Why: what is on a second page, or written by two at once, is where adapters lose things. */
describe('much at a real Gitea', () => {
  const scope = liveScope();
  let gitea: RealGitea;
  let repository: GiteaRepository;
  let workspace: GitWorkspace;
  let forge: OpenForge;
  let commit: string;

  beforeAll(async () => {
    gitea = await startGitea();
    repository = await createRepository(gitea, 'fleet');
    workspace = await createWorkspace(repository.pushUrl);
    commit = await workspace.commit('Start', { 'a.yaml': 'brokers: 3\n' });
    await workspace.push();
    const credentials = { kind: 'token', token: gitea.token } as const;
    forge = openForge({ type: 'gitea', url: repository.cloneUrl, credentials });
  });

  afterAll(async () => {
    forge.close();
    await workspace.remove();
    await gitea.stop();
  });

  it('the newest status of a context is found among those of many contexts', async () => {
    const said = (context: number, description: string) =>
      ({ context: `ci/${String(context)}`, state: 'success', description }) as const;
    for (let context = 0; context < MANY; context++) {
      // oxlint-disable-next-line no-await-in-loop
      await forge.setStatus(commit, said(context, 'first'), scope);
    }
    await forge.setStatus(commit, said(7, 'second'), scope);
    for (const context of [0, 7, MANY - 1]) {
      const description = context === 7 ? 'second' : 'first';
      // oxlint-disable-next-line no-await-in-loop
      expect(await forge.newestStatus(commit, `ci/${String(context)}`, scope)).toMatchObject({
        description,
      });
    }
  });

  it('a comment of ours is found among more than a hundred, and edited in place', async () => {
    await workspace.git('switch', '--quiet', '-c', 'topic');
    await workspace.commit('Grow', { 'b.yaml': 'brokers: 5\n' });
    await workspace.push('topic');
    const wish = { head: 'topic', title: 'Grow' };
    const { number: pullRequest } = await createPullRequest(gitea, repository, wish);
    const chat = async (): Promise<void> => {
      const path = `/repos/${repository.owner}/${repository.name}/issues/${String(pullRequest)}`;
      for (let index = 0; index < 60; index++) {
        // oxlint-disable-next-line no-await-in-loop
        await giteaRequest(gitea, 'POST', `${path}/comments`, { body: `chat ${String(index)}` });
      }
    };
    const marker = '<!-- ours -->';
    const say = (body: string): Promise<string> => {
      const wanted = { pullRequest, marker, body: `${marker}\n${body}`, mayCreate: true };
      return upsertComment(wanted, forge, scope);
    };
    await chat();
    expect(await say('one')).toBe('created');
    await chat();
    expect([await say('one'), await say('two')]).toEqual(['unchanged', 'edited']);
    const comments = await forge.comments(pullRequest, scope);
    expect(comments).toHaveLength(121);
    expect(comments.filter(({ body }) => body.includes(marker))).toMatchObject([
      { author: gitea.user, body: `${marker}\ntwo` },
    ]);
  });

  it('notes of two services that push at the same time all end up in the repository', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-notes-test-'));
    const remote = { url: repository.cloneUrl, username: gitea.user, password: gitea.password };
    const keysOf = (service: string) => ['a', 'b', 'c'].map((key) => `${service}-${key}`);
    const sources = ['one', 'two'].map((service) => ({
      keys: keysOf(service),
      source: createMirrorGitSource({ cacheDir: join(dir, service), limits: DEFAULT_GIT_LIMITS }),
    }));
    const addAll = async (source: GitSource, keys: readonly string[]): Promise<void> => {
      for (const key of keys) {
        const line = JSON.stringify({ key });
        // A service pushes its notes one after the other.
        // oxlint-disable-next-line no-await-in-loop
        await source.addNoteLines(remote, NOTES, [{ commit, key, line }], scope);
      }
    };
    await Promise.all(sources.map(({ source, keys }) => addAll(source, keys)));
    await workspace.git('fetch', '--quiet', 'origin', `${NOTES}:${NOTES}`);
    const note = await workspace.git('notes', `--ref=${NOTES}`, 'show', commit);
    const found = note
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { key: string }).key);
    expect(found.toSorted()).toEqual(sources.flatMap(({ keys }) => keys).toSorted());
    await Promise.all(sources.map(({ source }) => source.close()));
    await rm(dir, { recursive: true, force: true });
  });
});
