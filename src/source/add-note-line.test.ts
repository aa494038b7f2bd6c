import { expect, test } from 'vitest';
import { addNoteLine, MAX_NOTE_BYTES } from './add-note-line.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

test('a line is added after what people and others wrote', () => {
  const note = bytes('reviewed by Ann\n{"key":"other","n":1}');
  expect(addNoteLine(note, 'ours', '{"key":"ours"}').toString()).toBe(
    'reviewed by Ann\n{"key":"other","n":1}\n{"key":"ours"}\n',
  );
});

test('a newer line takes the place of the one with its key', () => {
  const note = bytes('{"key":"a","n":1}\n{"key":"b"}\n');
  expect(addNoteLine(note, 'a', '{"key":"a","n":2}').toString()).toBe(
    '{"key":"a","n":2}\n{"key":"b"}\n',
  );
});

test('a line that is there already changes nothing', () => {
  const note = bytes('{"key":"a","who":"Jörg"}');
  expect(addNoteLine(note, 'a', '{"key":"a","who":"Jörg"}')).toBe(note);
});

test('what is no text stays byte for byte', () => {
  const strange = Buffer.from([0xff, 0x00, 0xc3, 0x0a, 0x7b, 0x22, 0x0a, 0x6e, 0x75, 0x6c, 0x6c]);
  const after = addNoteLine(strange, 'a', '{"key":"a"}');
  expect(after.subarray(0, strange.length).equals(strange)).toBe(true);
  expect(after.subarray(strange.length).toString()).toBe('\n{"key":"a"}\n');
});

test('a note does not grow beyond all bounds', () => {
  const note = Buffer.alloc(MAX_NOTE_BYTES, 'x');
  expect(() => addNoteLine(note, 'a', '{"key":"a"}')).toThrow('more than');
});
