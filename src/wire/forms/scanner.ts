import { ModelError } from '../../base/errors.ts';
import { decodeText } from '../text.ts';

const LINE_FEED = 10;
const [COMMA, CLOSE_LIST] = [44, 93];

/** A place in a text, which stays bytes: a model of 100 MB is not to become a string as well. */
export class Scanner {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    // A byte order mark.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3;
  }

  /** The byte at hand, or -1 at the end. */
  get byte(): number {
    return this.bytes[this.at] ?? -1;
  }

  accept(byte: number): boolean {
    if (this.byte !== byte) return false;
    this.at++;
    return true;
  }

  /** The items of a list whose `[` has been read, up to its `]`. */
  list(skipSpace: () => void, item: () => void): void {
    skipSpace();
    if (this.accept(CLOSE_LIST)) return;
    do {
      skipSpace();
      item();
      skipSpace();
    } while (this.accept(COMMA));
    if (!this.accept(CLOSE_LIST)) this.fail(`expected ',' or ']' but found ${this.describeNext()}`);
  }

  /** ASCII characters from `start` to where the scanner is. */
  since(start: number): string {
    return decodeText(this.bytes.subarray(start, this.at));
  }

  /** What comes next, for messages. */
  describeNext(): string {
    if (this.byte < 0) return 'the end of the file';
    const word = /^(?:[\w.+-]+|[^])/u.exec(decodeText(this.bytes.subarray(this.at, this.at + 32)))?.[0] ?? '';
    return `'${word}'`;
  }

  /** ModelError that names line and column of `offset`. */
  fail(message: string, offset = this.at, hint?: string): never {
    let line = 1;
    let lineStart = 0;
    for (let at = 0; at < offset; at++) {
      if (this.bytes[at] !== LINE_FEED) continue;
      line++;
      lineStart = at + 1;
    }
    const column = decodeText(this.bytes.subarray(lineStart, offset)).length + 1;
    throw new ModelError(`line ${line}, column ${column}: ${message}`, {}, hint);
  }
}
