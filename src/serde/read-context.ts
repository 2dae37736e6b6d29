import { ModelError, type Place } from '../base/errors.ts';
import type { Payload } from '../ir/tensor.ts';
import { messageReader, type MessageType } from '../wire/codec.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { type Layout, WireError } from '../wire/fields.ts';
import type { Skeleton } from '../wire/skeleton.ts';
import { type ChildField, type MessageParts, splitMessage, type Spans } from '../wire/split.ts';
import type { LazyPayload } from './payloads.ts';

const SLAB_BYTES = 32 * 1024;
const ALIGNMENT = 16;

/** What all readers of one model share. */
export class ReadContext {
  readonly skeleton: Skeleton;
  readonly external: ExternalResolver | undefined;
  readonly residentBytes: number;
  /** Small payloads that are not in memory yet. */
  readonly pending: LazyPayload[] = [];
  #slab: ArrayBuffer | undefined;
  #slabUsed = 0;
  readonly #decode: <Message>(type: MessageType<Message>, start: number, end: number) => Message;

  constructor(skeleton: Skeleton, residentBytes: number, external: ExternalResolver | undefined) {
    this.skeleton = skeleton;
    this.residentBytes = residentBytes;
    this.external = external;
    this.#decode = messageReader(skeleton.bytes);
  }

  /** Takes a message apart and decodes its own fields. */
  open<Message>(layout: Layout, type: MessageType<Message>, spans: Spans): { parts: MessageParts; own: Message } {
    try {
      const parts = splitMessage(this.skeleton, layout, spans);
      const own =
        parts.bytes === this.skeleton.bytes
          ? this.#decode(type, parts.start, parts.end)
          : messageReader(parts.bytes)(type, parts.start, parts.end);
      return { parts, own };
    } catch (error) {
      throw this.corrupt(layout, spans, error);
    }
  }

  /** Decodes a message that is not walked: one without payloads below it. */
  decode<Message>(layout: Layout, type: MessageType<Message>, child: ChildField): Message {
    try {
      return this.#decode(type, child.start, child.end);
    } catch (error) {
      throw this.corrupt(layout, spansOf(child), error);
    }
  }

  /** A copy of small bytes, aligned for every element type. Many share one buffer: a buffer each would cost more. */
  keep(bytes: Uint8Array): Uint8Array {
    const size = bytes.byteLength;
    if (size > SLAB_BYTES / 8) return bytes.slice();
    if (this.#slab === undefined || this.#slabUsed + size > SLAB_BYTES) {
      this.#slab = new ArrayBuffer(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const copy = new Uint8Array(this.#slab, this.#slabUsed, size);
    copy.set(bytes);
    this.#slabUsed += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    return copy;
  }

  /** Notes a small payload that is still in a file. */
  wanted<P extends LazyPayload>(payload: P): Payload {
    if (payload.byteLength <= this.residentBytes) this.pending.push(payload);
    return payload;
  }

  error(message: string, place: Place = {}, hint?: string): ModelError {
    return new ModelError(message, { file: this.skeleton.source.name, ...place }, hint);
  }

  /** protobufjs throws plain errors for bytes that are not the message. */
  corrupt(layout: Layout, spans: Spans, error: unknown): unknown {
    if (error instanceof ModelError || !(error instanceof Error)) return error;
    const position = error instanceof WireError ? error.position : (spans[0] ?? 0);
    return this.error(`the file is corrupt: a ${layout.name} cannot be read (${error.message})`, {
      offset: this.skeleton.sourceOf(position),
    });
  }
}

export function spansOf(child: ChildField): Spans {
  return [child.start, child.end];
}

/** Contents of a singular field: it may be written in several pieces, which merge. */
export function spansOfAll(parts: MessageParts, number: number): Spans | undefined {
  const spans = parts.children.filter((child) => child.number === number).flatMap(({ start, end }) => [start, end]);
  return spans.length > 0 ? spans : undefined;
}
