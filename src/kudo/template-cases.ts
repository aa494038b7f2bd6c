import type { GoFunction } from './go-function.ts';

/** sprig's snakecase and kebabcase, by the rules of huandu/xstrings 1.3. */
export const CASE_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  snakecase: (text) => new CaseWriter(text as string, '_').write(),
  kebabcase: (text) => new CaseWriter(text as string, '-').write(),
};

type Kind = 'none' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other';

interface Word {
  readonly kind: Kind;
  readonly text: string;
}

/** Puts a connector between words, and keeps numbers with the letters in front of them. */
class CaseWriter {
  readonly #connector: string;
  readonly #words: readonly Word[];
  #next = 0;
  #written = '';

  constructor(text: string, connector: string) {
    this.#words = wordsOf(text);
    this.#connector = connector;
  }

  write(): string {
    let word = this.#take();
    while (this.#next < this.#words.length) {
      if (word.kind !== 'connector') this.#put(word);
      const last = word;
      word = this.#take();
      if (last.kind === 'connector') this.#put(last);
      else if (last.kind === 'number') word = this.#afterNumber(word);
      else if (last.kind !== 'punctuation') word = this.#afterLetters(word);
    }
    this.#put(word);
    return this.#written;
  }

  #afterNumber(first: Word): Word {
    const word = this.#putRun(first);
    if (word.kind !== 'none' && word.kind !== 'punctuation') this.#written += this.#connector;
    return word;
  }

  #afterLetters(word: Word): Word {
    if (word.kind !== 'number') return this.#connected(word);
    if (this.#next >= this.#words.length) return word;
    const after = this.#take();
    if (after.kind !== 'letters') {
      this.#put(word);
      return this.#connected(after);
    }
    this.#written += this.#connector;
    this.#put(word);
    const rest = this.#putRun(after);
    return rest.kind === 'none' ? rest : this.#connected(rest);
  }

  /** Letters and numbers that belong to the number in front of them. */
  #putRun(first: Word): Word {
    let word = first;
    while (word.kind === 'letters' || word.kind === 'number') {
      this.#put(word);
      word = this.#take();
    }
    return word;
  }

  #connected(word: Word): Word {
    if (word.kind !== 'connector' && word.kind !== 'punctuation') this.#written += this.#connector;
    return word;
  }

  #take(): Word {
    const word = this.#words[this.#next] ?? { kind: 'none', text: '' };
    this.#next += 1;
    return word;
  }

  #put({ kind, text }: Word): void {
    const changes = kind === 'upper' || kind === 'connector';
    this.#written += changes ? Array.from(text, (letter) => this.#lower(letter)).join('') : text;
  }

  #lower(letter: string): string {
    if (kindOf(letter) === 'connector') return this.#connector;
    return /\p{Lu}/u.test(letter) ? letter.toLowerCase() : letter;
  }
}

/** A capital begins a word: of `HTTPServer`, the last capital of a row belongs to what follows. */
function wordsOf(text: string): Word[] {
  const letters = Array.from(text);
  const words: Word[] = [];
  for (let at = 0; at < letters.length;) {
    const end = wordEnd(letters, at);
    const kind = kindOf(letters[at] ?? '');
    words.push({ kind, text: letters.slice(at, end).join('') });
    at = end;
  }
  return words;
}

function wordEnd(letters: readonly string[], at: number): number {
  const kind = kindOf(letters[at] ?? '');
  const runEnd = (from: number, of: Kind): number => {
    let end = from;
    while (end < letters.length && kindOf(letters[end] ?? '') === of) end += 1;
    return end;
  };
  if (kind !== 'upper') return runEnd(at + 1, kind);
  const end = runEnd(at + 1, 'upper');
  const isFollowed = end < letters.length && kindOf(letters[end] ?? '') === 'letters';
  if (!isFollowed) return end;
  return end === at + 1 ? runEnd(end, 'letters') : end - 1;
}

function kindOf(letter: string): Kind {
  if (letter === '-' || letter === '_' || /\s/.test(letter)) return 'connector';
  if (/\p{P}/u.test(letter)) return 'punctuation';
  if (/\p{Lu}/u.test(letter)) return 'upper';
  if (/\p{L}/u.test(letter) && !CJK.test(letter)) return 'letters';
  return /\p{N}/u.test(letter) ? 'number' : 'other';
}

const CJK = /[\u3400-\u4D85\u4E00-\u9FCC\u{20000}-\u{2B81D}]/u;
