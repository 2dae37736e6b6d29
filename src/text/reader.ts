import { ModelError } from '../base/errors.ts';

/** A literal as written: numbers keep their text, so that int64 and floats lose nothing; strings are decoded. */
export type Literal =
  | { readonly kind: 'int' | 'float'; readonly text: string; readonly offset: number }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly offset: number };

/** An identifier and where it stands. */
export interface Identifier {
  readonly name: string;
  readonly offset: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

// Sticky: they match at the reader's offset or not at all.
const SPACE = /(?:[ \t\n\v\f\r]+|#[^\n]*)*/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?(?:[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|(inf|infinity|nan)(?![A-Za-z0-9_]))/iy;

/** Characters of the textual syntax: white space, comments, identifiers and literals. */
export class Reader {
  readonly text: string;
  offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  skipSpace(): void {
    SPACE.lastIndex = this.offset;
    SPACE.test(this.text);
    this.offset = SPACE.lastIndex;
  }

  get atEnd(): boolean {
    this.skipSpace();
    return this.offset >= this.text.length;
  }

  /** The next character that is neither space nor comment; '' at the end. */
  peek(): string {
    this.skipSpace();
    return this.text.charAt(this.offset);
  }

  /** The identifier that comes next, which stays unread; '' when there is none. */
  peekIdentifier(): string {
    this.skipSpace();
    IDENTIFIER.lastIndex = this.offset;
    return IDENTIFIER.exec(this.text)?.[0] ?? '';
  }

  /** Reads `mark` if it comes next. */
  accept(mark: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(mark, this.offset)) return false;
    this.offset += mark.length;
    return true;
  }

  /** Reads `mark`; `others` are named in the error, as marks that would have done as well. */
  expect(mark: string, ...others: string[]): void {
    if (this.accept(mark)) return;
    this.fail(`expected ${[mark, ...others].map((each) => `'${each}'`).join(' or ')} but found ${this.describeNext()}`);
  }

  /** Reads items parted by commas, each by `readItem`, up to `close`; none at all is fine. A comma before `close` is not. */
  listUntil(close: string, readItem: () => void): void {
    if (this.accept(close)) return;
    do readItem();
    while (this.accept(','));
    this.expect(close, ',');
  }

  /** A bare or quoted identifier; `what` names it in the error. Quoted ones may be empty. */
  identifier(what: string): Identifier {
    if (this.peek() === '"') return { offset: this.offset, name: this.string(what) };
    const offset = this.offset;
    const name = this.peekIdentifier();
    if (name === '') this.fail(`expected ${what} but found ${this.describeNext()}`);
    this.offset += name.length;
    return { name, offset };
  }

  /** A string literal as text. */
  string(what: string): string {
    return decoder.decode(this.bytes(what));
  }

  /** A string literal as bytes. */
  bytes(what: string): Uint8Array {
    if (this.peek() !== '"') this.fail(`expected ${what} in double quotes but found ${this.describeNext()}`);
    const close = this.#closingQuote(this.offset);
    if (close === undefined) this.fail('this string has no closing quote');
    const written = this.text.slice(this.offset + 1, close);
    this.offset = close + 1;
    return unescape(written);
  }

  #closingQuote(open: number): number | undefined {
    for (let offset = open + 1; offset < this.text.length; offset++) {
      const character = this.text[offset];
      if (character === '"') return offset;
      if (character === '\\') offset++;
    }
    return undefined;
  }

  /** The text of an integer literal. */
  integer(what: string): string {
    const offset = (this.skipSpace(), this.offset);
    const literal = this.acceptLiteral();
    if (literal?.kind === 'int') return literal.text;
    return this.fail(`expected ${what}, a whole number, but found ${this.describeNext(offset)}`, offset);
  }

  /** An integer literal that a double holds exactly: a version, a dimension. */
  number(what: string): number {
    const { offset } = (this.skipSpace(), this);
    const text = this.integer(what);
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : this.fail(`${text} is too large for ${what}`, offset);
  }

  /** A literal, if one comes next. */
  acceptLiteral(): Literal | undefined {
    this.skipSpace();
    const { offset } = this;
    if (this.text.charAt(offset) === '"') return { kind: 'string', bytes: this.bytes('a string'), offset };
    NUMBER.lastIndex = offset;
    const match = NUMBER.exec(this.text);
    if (match === null) return undefined;
    this.offset = NUMBER.lastIndex;
    const isFloat = match[1] !== undefined || match[2] !== undefined || match[3] !== undefined;
    return { kind: isFloat ? 'float' : 'int', text: match[0], offset };
  }

  /** Throws a ModelError that names line and column; `offset` defaults to where reading stopped. */
  fail(message: string, offset = (this.skipSpace(), this.offset), hint?: string): never {
    const before = this.text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - before.lastIndexOf('\n');
    throw new ModelError(`line ${line}, column ${column}: ${message}`, {}, hint);
  }

  /** What comes next, for messages: an identifier, a literal or one character. */
  describeNext(offset = (this.skipSpace(), this.offset)): string {
    for (const form of [IDENTIFIER, NUMBER]) {
      form.lastIndex = offset;
      const found = form.exec(this.text)?.[0];
      if (found !== undefined) return `'${shorten(found)}'`;
    }
    if (this.text[offset] === '"') return shorten(this.text.slice(offset, (this.#closingQuote(offset) ?? offset) + 1));
    if (offset >= this.text.length) return 'the end of the text';
    return `'${String.fromCodePoint(this.text.codePointAt(offset) ?? 0)}'`;
  }
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}...`;
}

/** A backslash stands for the character after it, but `\xHH` is one byte: the only way to write bytes that are not UTF-8. */
function unescape(written: string): Uint8Array {
  if (!written.includes('\\')) return encoder.encode(written);
  const pieces: Uint8Array[] = [];
  for (const [piece] of written.matchAll(/\\x[0-9A-Fa-f]{2}|\\[^]|[^\\]+/g)) {
    if (piece.length === 4 && piece.startsWith('\\x')) pieces.push(Uint8Array.of(parseInt(piece.slice(2), 16)));
    else pieces.push(encoder.encode(piece.startsWith('\\') ? piece.slice(1) : piece));
  }
  return concatenate(pieces);
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes;
}
