import { ModelError } from '../base/errors.ts';
import { noMetadata } from '../ir/metadata.ts';
import type { Node } from '../ir/node.ts';
import {
  makeProblem,
  type ModelRule,
  type Problem,
  type ProblemArguments,
  type ProblemPlace,
  type ProblemWeight,
} from '../ir/problem.ts';
import type { Payload } from '../ir/tensor.ts';
import { messageReader, type MessageType, type StringStringEntryProto } from '../wire/codec.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { type Layout, WireError } from '../wire/fields.ts';
import type { Skeleton } from '../wire/skeleton.ts';
import { type ChildField, type MessageParts, splitMessage, type Spans } from '../wire/split.ts';
import type { ExternalPayload, LazyPayload } from './payloads.ts';
import { corruptMessage, duplicateKey } from './reading-rules.ts';

const SLAB_BYTES = 32 * 1024;
const ALIGNMENT = 16;

/** What all readers of one model share. */
export class ReadContext {
  readonly skeleton: Skeleton;
  readonly external: ExternalResolver | undefined;
  readonly residentBytes: number;
  /** Small payloads that are not in memory yet. */
  readonly pending: LazyPayload[] = [];
  /** Payloads in other files; those whose references cannot be used are left out. */
  readonly externals: ExternalPayload[] = [];
  /** What is wrong so far. Reading goes on: what cannot be read is left out, or something stands in for it. */
  readonly problems: Problem[] = [];
  /** Nodes of which something was left out. */
  readonly damagedNodes = new Set<Node>();
  /** IR version of the model; its rules depend on it. */
  irVersion = 0;
  #slab: ArrayBuffer | undefined;
  #slabUsed = 0;
  readonly #decode: <Message>(type: MessageType<Message>, start: number, end: number) => Message;

  constructor(skeleton: Skeleton, external: ExternalResolver | undefined) {
    this.skeleton = skeleton;
    this.residentBytes = skeleton.residentBytes;
    this.external = external;
    this.#decode = messageReader(skeleton.bytes);
  }

  /** Takes a message apart and decodes its own fields; undefined, and a problem, when it is corrupt. */
  open<Message>(
    layout: Layout,
    type: MessageType<Message>,
    spans: Spans,
    place: ProblemPlace,
  ): { parts: MessageParts; own: Message } | undefined {
    try {
      const parts = splitMessage(this.skeleton, layout, spans);
      const own =
        parts.bytes === this.skeleton.bytes
          ? this.#decode(type, parts.start, parts.end)
          : messageReader(parts.bytes)(type, parts.start, parts.end);
      return { parts, own };
    } catch (error) {
      this.#reportCorrupt(layout, spans, place, error);
      return undefined;
    }
  }

  /** Decodes a message that is not walked: one without payloads below it. */
  decode<Message>(
    layout: Layout,
    type: MessageType<Message>,
    child: ChildField,
    place: ProblemPlace,
  ): Message | undefined {
    try {
      return this.#decode(type, child.start, child.end);
    } catch (error) {
      this.#reportCorrupt(layout, spansOf(child), place, error);
      return undefined;
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

  report<Messages extends Readonly<Record<string, string>>, Id extends keyof Messages & string>(
    rule: ModelRule<Messages>,
    messageId: Id,
    args: ProblemArguments<Messages[Id]>,
    place: ProblemPlace,
    weight?: ProblemWeight,
  ): void {
    this.problems.push(makeProblem(rule, messageId, args, place, weight));
  }

  /** The entries by key, where the last of a key holds. `what` has them, for the message. */
  metadata(
    entries: readonly StringStringEntryProto[] | undefined,
    what: string,
    place: ProblemPlace,
  ): ReadonlyMap<string, string> {
    if (entries === undefined || entries.length === 0) return noMetadata;
    const metadata = new Map(entries.map(({ key, value }) => [key ?? '', value ?? '']));
    if (metadata.size < entries.length) {
      const seen = new Set<string>();
      const twice = entries.map(({ key }) => key ?? '').filter((key) => seen.has(key) || !seen.add(key));
      const keys = [...new Set(twice)].join(', ');
      if (what === 'the model') this.report(duplicateKey, 'model', { keys }, place);
      else this.report(duplicateKey, 'other', { what, keys }, place, { severity: 'warning', effect: 'keep' });
    }
    return metadata;
  }

  /** protobufjs throws plain errors for bytes that are not the message. */
  #reportCorrupt(layout: Layout, spans: Spans, place: ProblemPlace, error: unknown): void {
    if (!(error instanceof Error) || error instanceof ModelError) throw error;
    const position = error instanceof WireError ? error.position : (spans[0] ?? 0);
    const offset = this.skeleton.sourceOf(position);
    this.report(corruptMessage, 'bytes', { message: layout.name, reason: error.message }, { ...place, offset });
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
