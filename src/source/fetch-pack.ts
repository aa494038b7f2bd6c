import fs from 'node:fs';
import { Errors, fetch as gitFetch, type GitHttpRequest } from 'isomorphic-git';
import { Failure, messageOf } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import { checkPack } from './check-pack.ts';
import type { GitHttp, GitResponse } from './git-http.ts';
import type { GitLimits } from './git-limits.ts';
import { type KnownServer, mayHaveChanged } from './known-server.ts';
import { encodePacket, FLUSH_PACKET, packetText, parsePackets } from './pkt-line.ts';
import type { Wanted } from './transport.ts';

/**
 * Downloads what `wanted` names, with its whole history, into the bare repository `gitDir`, less
 * what that has. Never shallow: answers need the first-parent line, and a `depth` would make
 * isomorphic-git download everything again each time. The pack is checked before it is stored, so
 * that a download is there whole or not at all. `onCount` is told how many objects come, before they
 * come, and may throw. One request where server and commit are known, else two.
 */
export async function fetchPack(
  gitDir: string,
  wanted: Wanted,
  http: GitHttp,
  limits: PackLimits,
): Promise<void> {
  const known = advertisementOf(wanted, http.server);
  const exchange = new Exchange(http, limits, known);
  try {
    await fetchBy(exchange, gitDir, wanted);
  } catch (thrown) {
    if (known === undefined || exchange.hasPack || !mayHaveChanged(thrown)) throw thrown;
    http.server.forget();
    await fetchBy(new Exchange(http, limits), gitDir, wanted);
  }
}

async function fetchBy(exchange: Exchange, gitDir: string, wanted: Wanted): Promise<void> {
  let httpFailure: unknown;
  const client = {
    request: async (request: GitHttpRequest) => {
      try {
        const response = await exchange.answer(request);
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
      url: exchange.url,
      remote: 'origin',
      ref: wanted.have,
      remoteRef: wanted.what,
      singleBranch: true,
      tags: false,
    });
  } catch (thrown) {
    throw httpFailure ?? failureOf(thrown, wanted.what, exchange.url);
  }
}

interface PackLimits extends GitLimits {
  readonly onCount?: ((objects: number) => void) | undefined;
}

/** The two requests of a fetch, the first of which needs not be made when its answer is known. */
class Exchange {
  readonly #http: GitHttp;
  readonly #limits: PackLimits;
  readonly #known: Buffer | undefined;
  /** The server has begun to send a pack. */
  hasPack = false;

  constructor(http: GitHttp, limits: PackLimits, known?: Buffer) {
    this.#http = http;
    this.#limits = limits;
    this.#known = known;
  }

  get url(): string {
    return this.#http.url;
  }

  async answer(request: GitHttpRequest): Promise<GitResponse> {
    if (request.method === 'POST') return this.#pack(await join(request.body ?? []));
    if (this.#known) return { headers: {}, body: this.#known };
    const advertised = await this.#http.request({
      method: 'GET',
      suffix: '/info/refs?service=git-upload-pack',
      maxBytes: this.#limits.maxRefsBytes,
    });
    this.#http.server.capabilities = capabilitiesIn(advertised.body);
    return advertised;
  }

  async #pack(body: Buffer): Promise<GitResponse> {
    const response = await this.#http.request({
      method: 'POST',
      suffix: '/git-upload-pack',
      headers: {
        'content-type': 'application/x-git-upload-pack-request',
        accept: 'application/x-git-upload-pack-result',
      },
      body,
      maxBytes: this.#limits.maxPackBytes + PROTOCOL_BYTES,
      inspect: (head) => seesCount(head, (objects) => this.#seen(objects)),
    });
    checkPack(packOf(response.body), this.#limits);
    return response;
  }

  #seen(objects: number): void {
    this.hasPack = true;
    this.#limits.onCount?.(objects);
  }
}

/** What the server would say of the one ref that is wanted, and HEAD, which isomorphic-git asks for. */
function advertisementOf({ what, oid }: Wanted, { capabilities }: KnownServer): Buffer | undefined {
  if (oid === undefined || capabilities === undefined) return undefined;
  const service = encodePacket('# service=git-upload-pack\n');
  const head = encodePacket(`${oid} HEAD\0${capabilities}\n`);
  const ref = encodePacket(`${oid} ${what}\n`);
  return Buffer.from(`${service}${FLUSH_PACKET}${head}${ref}${FLUSH_PACKET}`);
}

/** Of the first ref, without those that speak of other refs. */
function capabilitiesIn(body: Buffer): string | undefined {
  const [, text] = /^[^\n]*\n[^\0\n]*\0([^\0\n]*)\n/.exec(body.toString('latin1')) ?? [];
  const capabilities = text?.split(' ').filter((one) => one !== '' && !one.startsWith('symref='));
  return capabilities?.join(' ');
}

const PROTOCOL_BYTES = 1 << 20;

const BAND_PACK = 1;
const BAND_ERROR = 3;

/** Bytes before the first object: a mark, the version, the number of objects (gitformat-pack). */
const PACK_HEAD_BYTES = 12;

/** True when the number of objects has been told; the head of a pack may come in several packets. */
function seesCount(body: Buffer, tell: (objects: number) => void): boolean {
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
  tell(pack.readUInt32BE(8));
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
