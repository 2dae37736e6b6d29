import type { ByteSink } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';

/** A write of 2 MiB took 5 ms where four of these took 0.6: the system looks for pages as large as what is written. */
const BUFFER_BYTES = 512 * 1024;

/** What is made on the way comes in pieces of which a processor's cache holds two: a multiple of the width of every element type. */
const PIECE_BYTES = 512 * 1024;

/** No piece is larger, whatever a writable would like. */
const LARGEST_PIECE_BYTES = 16 * 1024 * 1024;

/** Something that will be written: its length is known before its bytes are. */
export interface Writable {
  readonly byteLength: number;
  /** How much is best read at once, where each read costs as much however little it is for. */
  readonly pieceBytes?: number;
  /** Bytes [offset, offset + length); `into` is as for `ByteSource.read`. */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

/**
 * Passes contents on to a sink in large pieces, whatever they come in, through two buffers: while the sink takes one, the
 * other is filled. `finish` passes on what is left; whoever gives up waits for `settle`, for the sink may be at work.
 */
export class Pump {
  readonly #sink: ByteSink;
  readonly #bufferBytes: number;
  readonly #buffers: Uint8Array[] = [];
  readonly #pieces: Uint8Array[] = [];
  #largePiece: Uint8Array | undefined;
  /** The buffer that is filled, and how far. */
  #buffer: Uint8Array;
  #length = 0;
  #turns = 0;
  #writing: Promise<void> | undefined;

  /** `byteLength` is how much will come, at most. */
  constructor(sink: ByteSink, byteLength: number) {
    this.#sink = sink;
    this.#bufferBytes = Math.min(byteLength, BUFFER_BYTES);
    this.#buffer = this.#bufferOf(0);
  }

  /** Takes bytes that fit, at once: the common case costs no promise. */
  take(bytes: Uint8Array): boolean {
    if (this.#length + bytes.byteLength > this.#bufferBytes) return false;
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.byteLength;
    return true;
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength;) {
      const count = Math.min(await this.#room(), bytes.byteLength - done);
      this.take(bytes.subarray(done, (done += count)));
    }
  }

  async range(source: ByteSource, start: number, end: number): Promise<void> {
    if (this.#sink.copy !== undefined && end - start > this.#bufferBytes - this.#length) {
      await this.finish();
      return this.#sink.copy(source, start, end - start);
    }
    for (let at = start; at < end;) {
      const count = Math.min(await this.#room(), end - at);
      const into = this.#buffer.subarray(this.#length, this.#length + count);
      const bytes = await source.read(at, count, into);
      if (bytes.buffer !== into.buffer || bytes.byteOffset !== into.byteOffset) into.set(bytes);
      this.#length += count;
      at += count;
    }
  }

  /** What is made on the way out, the next piece being read while one is passed on. */
  async made(writable: Writable): Promise<void> {
    const { byteLength, pieceBytes = 0 } = writable;
    if (pieceBytes > PIECE_BYTES) return this.#madeInLargePieces(writable, Math.min(pieceBytes, LARGEST_PIECE_BYTES));
    const piece = (at: number): Promise<Uint8Array> => {
      const into = (this.#pieces[(at / PIECE_BYTES) % 2] ??= new Uint8Array(PIECE_BYTES));
      const made = writable.read(at, Math.min(PIECE_BYTES, byteLength - at), into);
      // A failed write ends it before anybody asks for this piece.
      made.catch(() => undefined);
      return made;
    };
    let next = byteLength > 0 ? piece(0) : undefined;
    for (let at = PIECE_BYTES; next !== undefined; at += PIECE_BYTES) {
      const bytes = await next;
      next = at < byteLength ? piece(at) : undefined;
      if (!this.take(bytes)) await this.bytes(bytes);
    }
  }

  /** Through one buffer: two of these would be much memory. */
  async #madeInLargePieces(writable: Writable, pieceBytes: number): Promise<void> {
    const { byteLength } = writable;
    // The system gives it memory as far as it is used.
    this.#largePiece ??= new Uint8Array(LARGEST_PIECE_BYTES);
    for (let at = 0; at < byteLength; at += pieceBytes)
      await this.bytes(await writable.read(at, Math.min(pieceBytes, byteLength - at), this.#largePiece));
  }

  /** Passes on what is left, and waits until the sink has taken it. */
  async finish(): Promise<void> {
    await this.#writing;
    const rest = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    if (rest.byteLength > 0) await this.#sink.write(rest);
  }

  /** Waits until the sink is at rest, whatever came of it. */
  async settle(): Promise<void> {
    await this.#writing?.catch(() => undefined);
  }

  /** Bytes that fit into the buffer, at least one. */
  async #room(): Promise<number> {
    if (this.#length === this.#bufferBytes) await this.#turn();
    return this.#bufferBytes - this.#length;
  }

  async #turn(): Promise<void> {
    await this.#writing;
    this.#writing = this.#sink.write(this.#buffer.subarray(0, this.#length));
    // Who waits for it next hears of a failure.
    this.#writing.catch(() => undefined);
    this.#buffer = this.#bufferOf(++this.#turns);
    this.#length = 0;
  }

  #bufferOf(turn: number): Uint8Array {
    return (this.#buffers[turn % 2] ??= new Uint8Array(this.#bufferBytes));
  }
}
