import type { ByteSink } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';
import { FieldCursor, fieldHeader, LENGTH_DELIMITED } from './fields.ts';
import { Pump, type Writable } from './pump.ts';

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

  /** Writes it all, in large pieces. When that fails, the sink is at rest. */
  async writeTo(sink: ByteSink): Promise<void> {
    const pump = new Pump(sink, this.byteLength);
    try {
      await this.#writeParts(pump);
      await pump.finish();
    } finally {
      await pump.settle();
    }
  }

  async #writeParts(pump: Pump): Promise<void> {
    for (const part of this.#parts) {
      if (part instanceof Uint8Array) {
        if (!pump.take(part)) await pump.bytes(part);
      } else if (part.kind === 'rope') {
        await part.#writeParts(pump);
      } else if (part.kind === 'range') {
        await pump.range(part.source, part.start, part.end);
      } else {
        await pump.made(part.writable);
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
