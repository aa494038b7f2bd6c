import { fromGoBytes, toGoBytes } from './go-bytes.ts';
import type { GoFunction } from './go-function.ts';

/** sprig's decoders, which answer with the error's text instead of failing. */
export const DECODERS: Readonly<Record<string, GoFunction>> = {
  b64dec: (text) => decoded(text as string, 64, base64Bytes),
  b32dec: (text) => decoded(text as string, 32, base32Bytes),
};

class Corrupt extends Error {
  readonly at: number;
  constructor(at: number) {
    super();
    this.at = at;
  }
}

function decoded(text: string, base: number, read: (bytes: string) => number[]): string {
  try {
    return fromGoBytes(
      Array.from(read(toGoBytes(text)), (byte) => String.fromCharCode(byte)).join(''),
    );
  } catch (thrown) {
    if (!(thrown instanceof Corrupt)) throw thrown;
    return `illegal base${base} data at input byte ${thrown.at}`;
  }
}

const LETTERS64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LETTERS32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** encoding/base64: line ends are skipped anywhere, but count in the places of errors. */
function base64Bytes(text: string): number[] {
  const digits: number[] = [];
  let at = 0;
  for (; at < text.length && text.charAt(at) !== '='; at += 1) {
    if (/[\r\n]/.test(text.charAt(at))) continue;
    const digit = LETTERS64.indexOf(text.charAt(at));
    if (digit < 0) throw new Corrupt(at);
    digits.push(digit);
  }
  const used = digits.length % 4;
  if (at < text.length) checkPadding64(text, at, used);
  else if (used !== 0) throw new Corrupt(text.length - used);
  return toBytes(digits, 6);
}

function checkPadding64(text: string, at: number, used: number): void {
  if (used < 2) throw new Corrupt(at);
  let next = skipLineEnds(text, at + 1);
  if (used === 2) {
    if (next === text.length) throw new Corrupt(text.length);
    if (text.charAt(next) !== '=') throw new Corrupt(next - 1);
    next = skipLineEnds(text, next + 1);
  }
  if (next < text.length) throw new Corrupt(next);
}

function skipLineEnds(text: string, from: number): number {
  let at = from;
  while (/[\r\n]/.test(text.charAt(at))) at += 1;
  return at;
}

/** encoding/base32: line ends are taken away first. */
function base32Bytes(text: string): number[] {
  const letters = text.replaceAll(/[\r\n]/g, '');
  const digits: number[] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters.charAt(at);
    const used = at % 8;
    if (letter === '=' && used >= 2 && letters.length - at - 1 < 8) {
      checkPadding32(letters, at, used);
      return toBytes(digits, 5);
    }
    const digit = LETTERS32.indexOf(letter);
    if (digit < 0) throw new Corrupt(at);
    digits.push(digit);
  }
  const used = letters.length % 8;
  if (used !== 0) throw new Corrupt(letters.length - used);
  return toBytes(digits, 5);
}

function checkPadding32(letters: string, at: number, used: number): void {
  const left = letters.length - at - 1;
  if (left + used < 7) throw new Corrupt(letters.length);
  for (let index = 0; index < 7 - used; index += 1)
    if (letters.charAt(at + 1 + index) !== '=') throw new Corrupt(at + index);
  if (used === 3 || used === 6) throw new Corrupt(at);
}

/** Puts the digits' bits together; what is left of a byte is dropped. */
function toBytes(digits: readonly number[], bits: number): number[] {
  const bytes: number[] = [];
  let [held, count] = [0, 0];
  for (const digit of digits) {
    held = ((held << bits) | digit) & 0xffff;
    count += bits;
    if (count < 8) continue;
    count -= 8;
    bytes.push((held >> count) & 0xff);
  }
  return bytes;
}
