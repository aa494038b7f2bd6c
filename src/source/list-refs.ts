import { Failure } from '../lib/failure.ts';
import type { GitHttp } from './git-http.ts';
import type { GitLimits } from './git-limits.ts';
import { mayHaveChanged } from './known-server.ts';
import {
  DELIMITER_PACKET,
  encodePacket,
  FLUSH_PACKET,
  packetText,
  parsePackets,
} from './pkt-line.ts';

/**
 * Asks a Git server for the refs below `prefixes` (gitprotocol-v2 "ls-refs"; a server that
 * knows only version 0 sends all of them, and they are sorted out here). Tags are peeled. One request
 * where the server is known to speak version 2, else two.
 */
export async function listRefs(
  http: GitHttp,
  prefixes: readonly string[],
  limits: RefLimits,
): Promise<Map<string, string>> {
  if (http.server.speaksVersion2) {
    try {
      return await lsRefs(http, prefixes, limits);
    } catch (thrown) {
      if (!mayHaveChanged(thrown)) throw thrown;
      http.server.forget();
    }
  }
  const greeting = await http.request({
    method: 'GET',
    suffix: '/info/refs?service=git-upload-pack',
    headers: { 'git-protocol': 'version=2' },
    maxBytes: limits.maxRefsBytes,
  });
  const lines = linesOf(greeting.body, http.url);
  refuseSha256(lines, http.url);
  if (!lines.includes('version 2')) return keep(parseVersion0(lines), prefixes);
  const refs = await lsRefs(http, prefixes, limits);
  http.server.speaksVersion2 = true;
  return refs;
}

type RefLimits = Pick<GitLimits, 'maxRefsBytes'>;

async function lsRefs(
  http: GitHttp,
  prefixes: readonly string[],
  { maxRefsBytes }: RefLimits,
): Promise<Map<string, string>> {
  const answer = await http.request({
    method: 'POST',
    suffix: '/git-upload-pack',
    headers: {
      'git-protocol': 'version=2',
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
    },
    body: Buffer.from(lsRefsCommand(prefixes)),
    maxBytes: maxRefsBytes,
  });
  return keep(parseVersion2(answer.body, http.url), prefixes);
}

function lsRefsCommand(prefixes: readonly string[]): string {
  return [
    encodePacket('command=ls-refs\n'),
    encodePacket('agent=git/kudo-gitops\n'),
    DELIMITER_PACKET,
    encodePacket('peel\n'),
    ...prefixes.map((prefix) => encodePacket(`ref-prefix ${prefix}\n`)),
    FLUSH_PACKET,
  ].join('');
}

function linesOf(body: Buffer, url: string): string[] {
  try {
    return [...parsePackets(body)].flatMap((packet) =>
      typeof packet === 'string' ? [] : [packetText(packet)],
    );
  } catch (cause) {
    throw notGit(url, cause);
  }
}

function notGit(url: string, cause?: unknown): Failure {
  return new Failure('invalid', `${url} is not a Git repository`, {
    cause,
    hint: 'Check spec.url: it answered with something else than the smart HTTP protocol of Git.',
  });
}

function refuseSha256(lines: readonly string[], url: string): void {
  if (!lines.some((line) => line.includes('object-format=sha256'))) return;
  throw new Failure('invalid', `${url} is a SHA-256 repository, which cannot be read yet`, {
    hint: 'Keep what describes the cluster in a repository made with --object-format=sha1.',
  });
}

function parseVersion2(body: Buffer, url: string): Map<string, string> {
  const refs = new Map<string, string>();
  if (!body.toString('latin1').endsWith(FLUSH_PACKET)) throw notGit(url);
  for (const line of linesOf(body, url)) {
    const [, oid, name, attributes = ''] = /^([0-9a-f]{40}) (\S+)(.*)$/.exec(line) ?? [];
    if (oid === undefined || name === undefined) continue;
    refs.set(name, / peeled:([0-9a-f]{40})/.exec(attributes)?.[1] ?? oid);
  }
  return refs;
}

function parseVersion0(lines: readonly string[]): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of lines) {
    const [, oid, name] = /^([0-9a-f]{40}) ([^\s\0]+)/.exec(line) ?? [];
    if (oid === undefined || name === undefined || name === 'capabilities^{}') continue;
    refs.set(name.replace(/\^\{\}$/, ''), oid);
  }
  return refs;
}

function keep(refs: Map<string, string>, prefixes: readonly string[]): Map<string, string> {
  return new Map([...refs].filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))));
}
