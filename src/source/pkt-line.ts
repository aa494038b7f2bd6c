/** One packet of Git's wire format: its bytes, or one of the two marks without bytes. */
export type Packet = Buffer | 'flush' | 'delimiter';

export const FLUSH_PACKET = '0000';
export const DELIMITER_PACKET = '0001';

/** `text` with the four hex digits of its length in front (gitprotocol-common, "pkt-line format"). */
export function encodePacket(text: string): string {
  const length = Buffer.byteLength(text) + LENGTH_DIGITS;
  return length.toString(16).padStart(LENGTH_DIGITS, '0') + text;
}

/**
 * The packets of a whole response. A response that ends inside a packet, or has something else
 * where a length should be, throws a RangeError.
 */
export function* parsePackets(bytes: Buffer): Generator<Packet> {
  for (let at = 0; at < bytes.length;) {
    const digits = bytes.toString('latin1', at, at + LENGTH_DIGITS);
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw new RangeError('not a Git packet');
    const length = Number.parseInt(digits, 16);
    if (length >= LENGTH_DIGITS) {
      if (at + length > bytes.length) throw new RangeError('a Git packet is cut off');
      yield bytes.subarray(at + LENGTH_DIGITS, at + length);
    } else {
      yield length === 0 ? 'flush' : 'delimiter';
    }
    at += Math.max(length, LENGTH_DIGITS);
  }
}

/** A packet of text, without the newline that may end it. */
export function packetText(packet: Buffer): string {
  return packet.toString('utf8').replace(/\n$/, '');
}

const LENGTH_DIGITS = 4;
