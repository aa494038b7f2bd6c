import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { RefUpdate } from './forge-events.ts';
import type { ForgeRepository, ForgeUser } from './forge-state.ts';
import { NO_COMMIT } from './git-bare-repository.ts';

/** A branch that was pushed. */
export interface FollowedPush extends RefUpdate {
  /** `owner/name`. */
  readonly repository: string;
}

/**
 * Tells the pusher what comes of a push, line by line, until there is nothing more to tell. The ref is
 * updated already; `signal` aborts when the pusher has left.
 */
export type FollowPush = (
  push: FollowedPush,
  write: (line: string) => void,
  signal: AbortSignal,
) => Promise<void>;

/** A push whose hook has not ended. */
export interface OpenPush {
  readonly repository: ForgeRepository;
  readonly user: ForgeUser;
  readonly left: AbortController;
}

/** Told of the refs that a push updated. */
export type RefsMoved = (push: OpenPush, updates: readonly RefUpdate[]) => Promise<void>;

const HOOK_PATH = '/-/post-receive/';
const MAX_INPUT_BYTES = 1024 * 1024;
const MAX_LINE = 500;

/** Git runs this after the refs are updated; what it prints reaches the pusher as `remote:` lines. */
const HOOK_PROGRAM = `'use strict';
const { request } = require('node:http');
process.stdout.on('error', () => process.exit(0));
const call = request(process.env.SANDBOX_HOOK_URL, { method: 'POST' }, (response) => {
  response.on('data', (chunk) => process.stdout.write(chunk));
  response.on('error', () => undefined);
});
call.on('error', () => undefined);
process.stdin.pipe(call);
`;

/**
 * The other end of the post-receive hook: reports updated refs and streams what follows from them. The
 * refs are reported before anything is streamed, so that a pusher who leaves changes nothing.
 */
export class PushFollower {
  readonly #scope: Scope;
  readonly #refsMoved: RefsMoved;
  readonly #follow: FollowPush | undefined;
  readonly #pushes = new Map<string, OpenPush>();

  constructor(follow: FollowPush | undefined, refsMoved: RefsMoved, scope: Scope) {
    this.#follow = follow;
    this.#refsMoved = refsMoved;
    this.#scope = scope;
  }

  /** Expects the hook of a push; gives what the hook needs to know. Ends it when the pusher leaves. */
  open(
    url: string,
    push: Pick<OpenPush, 'repository' | 'user'>,
    response: ServerResponse,
  ): { readonly env: Record<string, string>; readonly close: () => void } {
    const id = randomUUID();
    const left = new AbortController();
    this.#pushes.set(id, { ...push, left });
    response.once('close', () => {
      left.abort();
    });
    return {
      env: { SANDBOX_HOOK_URL: `${url}${HOOK_PATH}${id}` },
      close: () => {
        this.#pushes.delete(id);
      },
    };
  }

  isHook(path: string): boolean {
    return path.startsWith(HOOK_PATH);
  }

  /** Answers the hook. Only who was told the push's id, the hook, can ask. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const push = this.#pushes.get((request.url ?? '').slice(HOOK_PATH.length));
    if (!push || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const updates = parseUpdates(await readText(request));
    await this.#refsMoved(push, updates);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.flushHeaders();
    const signal = AbortSignal.any([push.left.signal, this.#scope.signal]);
    const { owner, name } = push.repository;
    for (const update of updates.filter(isPushedBranch)) {
      const followed = { repository: `${owner}/${name}`, ...update };
      // One branch after the other: their lines would mix.
      // oxlint-disable-next-line no-await-in-loop
      await this.#tell(followed, response, signal);
    }
    response.end();
  }

  async #tell(push: FollowedPush, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const write = (line: string): void => {
      if (!signal.aborted && !response.destroyed) response.write(`${printable(line)}\n`);
    };
    const gone = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    try {
      await Promise.race([this.#follow?.(push, write, signal), gone]);
    } catch (thrown) {
      if (signal.aborted) return;
      this.#scope.log.warn('push not followed', { reason: messageOf(thrown) });
      write('The push is accepted; what comes of it cannot be shown here.');
    }
  }
}

/** Writes the hook into the folder that all repositories name as their `core.hooksPath`. */
export async function writeHook(directory: string, nodePath: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const program = join(directory, 'post-receive.cjs');
  await writeFile(program, HOOK_PROGRAM);
  const quoted = [nodePath, program].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const script = `#!/bin/sh\nexec ${quoted.join(' ')}\n`;
  await writeFile(join(directory, 'post-receive'), script, { mode: 0o755 });
}

function isPushedBranch({ ref, newOid }: RefUpdate): boolean {
  return ref.startsWith('refs/heads/') && newOid !== NO_COMMIT;
}

/** `<old> <new> <ref>`, a line each (githooks, post-receive). */
function parseUpdates(text: string): readonly RefUpdate[] {
  return text.split('\n').flatMap((line) => {
    const [, oldOid, newOid, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/.+)$/.exec(line) ?? [];
    return oldOid !== undefined && newOid !== undefined && ref !== undefined
      ? [{ oldOid, newOid, ref }]
      : [];
  });
}

/** One line without control characters, which could move the cursor of the pusher's terminal. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, ' ').slice(0, MAX_LINE);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_INPUT_BYTES) break;
  }
  return text;
}
