import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure, messageOf } from '../lib/failure.ts';
import { runGit, type GitRun } from './git-command.ts';

/** A request of git's smart HTTP protocol, its repository being there and the user allowed. */
export interface BackendRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Below the projects' root: `/owner/name.git/info/refs`. */
  readonly path: string;
  readonly query: string;
  /** Absent for an anonymous reader. */
  readonly user: string | undefined;
  /** Further variables for the hooks. */
  readonly env: Readonly<Record<string, string>>;
}

/** Serves bare repositories through `git http-backend`, a CGI program (its documentation names the variables). */
export interface GitBackend {
  /** Settles when the answer has been given, or the client has left and git is done. */
  serve(request: BackendRequest): Promise<void>;
  /** Ends every process still running. */
  stop(): Promise<void>;
}

const MAX_HEADER_BYTES = 16_384;

/** @throws {Failure} `missing` when there is no git or no `git http-backend` */
export async function gitBackend(projectRoot: string, run: GitRun): Promise<GitBackend> {
  const program = await findProgram(run);
  const running = new Map<number, Promise<void>>();

  return {
    async serve(backendRequest) {
      const { request, response } = backendRequest;
      // A group of its own, so that hooks and helpers end with it.
      const child = spawn(program, {
        env: { ...run.env, ...cgiVariables(backendRequest, projectRoot) },
        stdio: ['pipe', 'pipe', 'ignore'],
        detached: true,
      });
      const ended = new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', () => {
          resolve();
        });
      });
      if (child.pid !== undefined) running.set(child.pid, ended);
      // Git may stop reading early; its answer says why.
      pipeline(request, child.stdin).catch(() => undefined);
      try {
        await answer(child.stdout, response);
        await ended;
      } finally {
        if (child.pid !== undefined) running.delete(child.pid);
      }
    },

    async stop() {
      for (const pid of running.keys()) {
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
      await Promise.allSettled(running.values());
    },
  };
}

async function findProgram(run: GitRun): Promise<string> {
  try {
    const program = join(await runGit(['--exec-path'], run), 'git-http-backend');
    await access(program, constants.X_OK);
    return program;
  } catch (cause) {
    throw new Failure('missing', `the sandbox cannot serve Git: ${messageOf(cause)}`, {
      cause,
      hint: 'Install git with its http-backend (Debian: git; Alpine: git and git-daemon).',
    });
  }
}

function cgiVariables(
  { request, path, query, user, env }: BackendRequest,
  projectRoot: string,
): Record<string, string> {
  const { headers } = request;
  const protocol = headers['git-protocol'];
  const fromHeaders = {
    CONTENT_TYPE: headers['content-type'],
    CONTENT_LENGTH: headers['content-length'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    GIT_PROTOCOL: typeof protocol === 'string' ? protocol : undefined,
    REMOTE_USER: user,
  };
  return {
    ...env,
    GIT_PROJECT_ROOT: projectRoot,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path,
    QUERY_STRING: query,
    REQUEST_METHOD: request.method ?? '',
    REMOTE_ADDR: '127.0.0.1',
    ...Object.fromEntries(
      Object.entries(fromHeaders).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    ),
  };
}

/** Passes a CGI answer on as it comes. When the client leaves, git is read to its end all the same. */
async function answer(stdout: Readable, response: ServerResponse): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    if (head === undefined) {
      await write(response, chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) {
      writeHead(response, head.subarray(0, end).toString('latin1'));
      await write(response, head.subarray(end + 4));
      head = undefined;
    } else if (head.length > MAX_HEADER_BYTES) break;
  }
  if (head !== undefined && !response.headersSent) response.writeHead(502);
  response.end();
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else if (name !== '') response.setHeader(name, value);
  }
  response.writeHead(status);
  response.flushHeaders();
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.destroyed || chunk.length === 0 || response.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}
