import type { GitCommit } from './git-source.ts';

/** A commit with what walks need beside what readers see. */
export interface ParsedCommit extends GitCommit {
  readonly tree: string;
  /** Seconds since the Unix epoch, as its committer's clock said. */
  readonly committedSeconds: number;
}

/** Reads a raw commit object; undefined when it is not one. Texts are cut to a sane length. */
export function parseCommit(oid: string, raw: Buffer): ParsedCommit | undefined {
  const split = raw.indexOf('\n\n');
  const head = raw.subarray(0, split < 0 ? raw.length : split);
  const decode = decoderFor(/^encoding (.+)$/m.exec(head.toString('latin1'))?.[1]);
  const lines = decode(head).split('\n');
  const valuesOf = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [tree] = valuesOf('tree');
  if (!tree || !OID.test(tree)) return undefined;
  const committer = parsePerson(valuesOf('committer')[0] ?? '');
  const { name, email } = parsePerson(valuesOf('author')[0] ?? '');
  return {
    oid,
    tree,
    parents: valuesOf('parent').filter((parent) => OID.test(parent)),
    author: { name, email },
    committedSeconds: committer.seconds,
    committedAt: new Date(committer.seconds * 1000).toISOString(),
    subject: split < 0 ? '' : subjectOf(decode(raw.subarray(split + 2, split + 2 + MAX_MESSAGE))),
  };
}

const OID = /^[0-9a-f]{40}$/;
const MAX_MESSAGE = 4096;
const MAX_TEXT = 500;
/** The last second that JavaScript can write as a date with a year of four digits. */
const LAST_SECOND = Date.UTC(9999, 11, 31) / 1000;

function parsePerson(line: string): { name: string; email: string; seconds: number } {
  const match = /^(.*?) ?<([^<>]*)>(?: (\d+))?/.exec(line);
  const seconds = Number(match?.[3] ?? 0);
  return {
    name: tidy(match?.[1] ?? ''),
    email: tidy(match?.[2] ?? ''),
    seconds: seconds <= LAST_SECOND ? seconds : 0,
  };
}

/** The first paragraph in one line, as Git shows it. */
function subjectOf(message: string): string {
  const [first = ''] = message.replace(/^\s*\n/, '').split(/\n[ \t]*\n/, 1);
  return tidy(first);
}

function tidy(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}

function decoderFor(encoding: string | undefined): (bytes: Buffer) => string {
  try {
    const decoder = new TextDecoder(encoding ?? 'utf-8');
    return (bytes) => decoder.decode(bytes);
  } catch {
    return (bytes) => bytes.toString('utf8');
  }
}
