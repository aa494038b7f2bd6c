import fs from 'node:fs';
import { Errors, fetch as gitFetch, type GitHttpRequest } from 'isomorphic-git';
import { Failure, messageOf } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import { checkPack } from './check-pack.ts';
import type { GitHttp, GitResponse } from './git-http.ts';
import type { GitLimits } from './git-limits.ts';
import { packetText, parsePackets } from './pkt-line.ts';
import type { Wanted } from './transport.ts';

/**
 * Downloads what `wanted` names, with its whole history, into the bare repository `gitDir`, less
 * what that has. Never shallow: answers need the first-parent line, and a `depth` would make
 * isomorphic-git download everything again each time. The pack is checked before it is stored, so
 * that a download is there whole or not at all. `onCount` is told how many objects come, before they
 * come, and may throw.
 */
export async function fetchPack(
  gitDir: string,
  wanted: Wanted,
  http: GitHttp,
  limits: PackLimits,
): Promise<void> {
  let httpFailure: unknown;
  const client = {
    request: async (request: GitHttpRequest) => {
      try {
        const response = await relay(request, http, limits);
        return {
          url: request.url,
          statusCode: 200,
          statusMessage: 'OK',
          headers: response.headers,
          body: chunks(response.body),
        };
      } catch (thrown) {
        httpFailure = thrown;
        throw thrown;
      }
    },
  };
  try {
    await gitFetch({
      fs,
      gitdir: gitDir,
      http: client,
      url: http.url,
      remote: 'origin',
      ref: wanted.have,
      remoteRef: wanted.what,
      singleBranch: true,
      tags: false,
    });
  } catch (thrown) {
    throw httpFailure ?? failureOf(thrown, wanted.what, http.url);
  }
}

interface PackLimits extends GitLimits {
  readonly onCount?: ((objects: number) => void) | undefined;
}

async function relay(
  request: GitHttpRequest,
  http: GitHttp,
  limits: PackLimits,
): Promise<GitResponse> {
  if (request.method !== 'POST') {
    return http.request({
      method: 'GET',
      suffix: '/info/refs?service=git-upload-pack',
      maxBytes: limits.maxRefsBytes,
    });
  }
  const response = await http.request({
    method: 'POST',
    suffix: '/git-upload-pack',
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
    },
    body: await join(request.body ?? []),
    maxBytes: limits.maxPackBytes + PROTOCOL_BYTES,
    inspect: limits.onCount && ((head) => seesCount(head, limits.onCount)),
  });
  checkPack(packOf(response.body), limits);
  return response;
}

const PROTOCOL_BYTES = 1 << 20;

const BAND_PACK = 1;
const BAND_ERROR = 3;

/** Bytes before the first object: a mark, the version, the number of objects (gitformat-pack). */
const PACK_HEAD_BYTES = 12;

/** True when the number of objects has been told; the head of a pack may come in several packets. */
function seesCount(body: Buffer, tell: PackLimits['onCount']): boolean {
  const parts: Buffer[] = [];
  try {
    for (const packet of parsePackets(body)) {
      if (typeof packet !== 'string' && packet[0] === BAND_PACK) parts.push(packet.subarray(1));
    }
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown; // the rest is still on its way
  }
  const pack = Buffer.concat(parts);
  if (pack.length < PACK_HEAD_BYTES) return false;
  tell?.(pack.readUInt32BE(8));
  return true;
}

/** The pack inside a response in side-band-64k (gitprotocol-pack). */
function packOf(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let isComplete = false;
  try {
    for (const packet of parsePackets(body)) {
      isComplete = packet === 'flush';
      if (typeof packet === 'string') continue;
      if (packet[0] === BAND_PACK) parts.push(packet.subarray(1));
      if (packet[0] === BAND_ERROR || packet.subarray(0, 4).equals(Buffer.from('ERR '))) {
        throw serverSaid(packetText(packet.subarray(1)));
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    isComplete = false;
  }
  if (!isComplete) {
    throw new Failure('unreachable', 'the answer of the Git server did not arrive whole');
  }
  return Buffer.concat(parts);
}

function serverSaid(text: string): Failure {
  const isUnknown = /not our ref|unadvertised object/i.test(text);
  const said = redactText(text.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300));
  return new Failure(isUnknown ? 'missing' : 'unreachable', `the Git server refused: ${said}`);
}

async function join(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

// oxlint-disable-next-line typescript/require-await -- the client's interface wants an async iterator
async function* chunks(body: Buffer): AsyncIterableIterator<Uint8Array> {
  yield body;
}

function failureOf(thrown: unknown, what: string, url: string): unknown {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Errors.NotFoundError) {
    return new Failure('missing', `${url} has no ref ${what}`, { cause: thrown });
  }
  const said = redactText(messageOf(thrown)).slice(0, 300);
  return new Failure('invalid', `${url} could not be fetched: ${said}`, { cause: thrown });
}
