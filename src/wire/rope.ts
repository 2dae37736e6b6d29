import { type ByteSink, copyRange } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';
import { FieldCursor, fieldHeader, LENGTH_DELIMITED } from './fields.ts';
import { Pump } from './pump.ts';

/** Something that will be written: its length is known before its bytes are. */
export interface Writable {
  readonly byteLength: number;
  /** Bytes [offset, offset + length). */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

type Part =
  | Uint8Array
  | { readonly kind: 'range'; readonly source: ByteSource; readonly start: number; readonly end: number }
  | { readonly kind: 'writable'; readonly writable: Writable }
  | Rope;

/** Bytes to be written, as a list of small pieces, ranges of sources and contents made on the way out. */
export class Rope {
  readonly kind = 'rope';
  byteLength = 0;
  readonly #parts: Part[] = [];

  bytes(bytes: Uint8Array): this {
    if (bytes.byteLength === 0) return this;
    this.#parts.push(bytes);
    this.byteLength += bytes.byteLength;
    return this;
  }

  range(source: ByteSource, start: number, end: number): this {
    this.#parts.push({ kind: 'range', source, start, end });
    this.byteLength += end - start;
    return this;
  }

  writable(writable: Writable): this {
    this.#parts.push({ kind: 'writable', writable });
    this.byteLength += writable.byteLength;
    return this;
  }

  rope(rope: Rope): this {
    this.#parts.push(rope);
    this.byteLength += rope.byteLength;
    return this;
  }

  /** A length-delimited field with the content of `rope`. */
  field(number: number, rope: Rope): this {
    return this.bytes(fieldHeader(number, rope.byteLength)).rope(rope);
  }

  async writeTo(sink: ByteSink): Promise<void> {
    const buffer = new BufferedSink(sink);
    await this.#writeParts(buffer);
    await buffer.flush();
  }

  async #writeParts(out: BufferedSink): Promise<void> {
    for (const part of this.#parts) {
      if (part instanceof Uint8Array) {
        if (!out.take(part)) await out.write(part);
      } else if (part.kind === 'rope') {
        await part.#writeParts(out);
      } else if (part.kind === 'range') {
        await out.copy(part.source, part.start, part.end - part.start);
      } else {
        await out.pump(part.writable);
      }
    }
  }
}

/**
 * A message out of its own encoded fields and its child messages, in ascending order of field numbers as every protobuf
 * library writes them. `children` must be ordered by number.
 */
export function composeMessage(own: Uint8Array, children: readonly (readonly [number: number, content: Rope])[]): Rope {
  const rope = new Rope();
  const cursor = new FieldCursor(own);
  let next = 0;
  let from = 0;
  for (let at = 0; at < own.byteLength;) {
    cursor.read(at, own.byteLength);
    const child = children[next];
    if (child !== undefined && child[0] < cursor.number) {
      rope.bytes(own.subarray(from, at));
      from = at;
      for (; (children[next]?.[0] ?? Infinity) < cursor.number; next++) addChild(rope, children[next]);
    }
    at = cursor.wireType === LENGTH_DELIMITED ? cursor.valueStart + cursor.length : cursor.skip(own.byteLength);
  }
  rope.bytes(own.subarray(from));
  for (; next < children.length; next++) addChild(rope, children[next]);
  return rope;
}

function addChild(rope: Rope, child: readonly [number: number, content: Rope] | undefined): void {
  if (child !== undefined) rope.field(child[0], child[1]);
}

/** Small pieces are gathered here; large ones pass through. */
const BUFFER_BYTES = 256 * 1024;

/** A multiple of the width of every element type; a processor's cache holds two. */
const PUMPED_BYTES = 512 * 1024;

class BufferedSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  readonly #pump = new Pump(PUMPED_BYTES);

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Takes a piece that fits, at once; the common case costs no promise. */
  take(bytes: Uint8Array): boolean {
    if (this.#length + bytes.byteLength > BUFFER_BYTES) return false;
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.byteLength;
    return true;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.take(bytes)) return;
    await this.flush();
    if (!this.take(bytes)) await this.#sink.write(bytes);
  }

  async copy(source: ByteSource, offset: number, length: number): Promise<void> {
    if (length <= BUFFER_BYTES - this.#length) {
      this.take(await source.read(offset, length));
      return;
    }
    await this.flush();
    await copyRange(source, offset, length, this.#sink);
  }

  /** Contents made on the way out. */
  pump(writable: Writable): Promise<void> {
    return this.#pump.run(
      writable.byteLength,
      (at, length, into) => writable.read(at, length, into),
      (bytes) => this.write(bytes),
    );
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    await this.#sink.write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}
