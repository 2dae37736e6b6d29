import { decodeMessage, encodeMessage, type MessageType } from '../wire/codec.ts';
import { type FieldSpan, fieldsOf } from '../wire/field-list.ts';
import { FieldCursor, type Layout, LENGTH_DELIMITED } from '../wire/fields.ts';
import { composeMessage, Rope } from '../wire/rope.ts';
import { splitMessage } from '../wire/split.ts';
import { decodeText } from '../wire/text.ts';
import type { Origin } from './origin.ts';

/** The content of a message that was read from a file: `isCopy` when it is as it was there, and else what became of it. */
class OriginRope extends Rope {
  readonly origin: Origin<unknown>;
  readonly isCopy: boolean;

  constructor(origin: Origin<unknown>, isCopy: boolean) {
    super();
    this.origin = origin;
    this.isCopy = isCopy;
  }
}

/** The content as it is in the source. */
export function copyOf(origin: Origin<unknown>): Rope {
  const rope = new OriginRope(origin, true);
  origin.copyTo(rope);
  return rope;
}

export type Child = readonly [number: number, content: Rope];

/**
 * A message with these own fields and child messages, `children` ordered by number. One that was read keeps the fields that say
 * the same as before byte by byte and at their places, unknown ones and odd spellings included; what is new of a number comes
 * behind the old of that number, and what is new altogether where its number puts it.
 */
export function composeLike<Message extends object>(
  origin: Origin<unknown> | undefined,
  layout: Layout,
  type: MessageType<Message>,
  own: Message,
  children: readonly Child[],
): Rope {
  if (origin === undefined) return composeMessage(encodeMessage(type, own), children);
  const { skeleton, spans } = origin;
  const { bytes, start, end } = splitMessage(skeleton, layout, spans);
  const old: Message & { readonly $unknowns?: readonly Uint8Array[] } = decodeMessage(type, bytes, start, end);
  const known = (message: Message): Pieces => piecesOf(encodeMessage(type, { ...message, $unknowns: [] }));
  return new Composer(origin, layout, old.$unknowns ?? []).compose(known(old), known(own), children);
}

/** Encoded fields by number, in order. */
type Pieces = ReadonlyMap<number, readonly Uint8Array[]>;

function piecesOf(bytes: Uint8Array): Pieces {
  const pieces = new Map<number, Uint8Array[]>();
  const cursor = new FieldCursor(bytes);
  for (let at = 0; at < bytes.byteLength;) {
    cursor.read(at, bytes.byteLength);
    const { number, wireType, start } = cursor;
    at = wireType === LENGTH_DELIMITED ? cursor.valueStart + cursor.length : cursor.skip(bytes.byteLength);
    push(pieces, number, bytes.subarray(start, at));
  }
  return pieces;
}

/** What a number's fields become, in order; those before `next` are written. */
interface Queue {
  readonly contents: Content[];
  /** By where a field of the source begins: what it becomes. A message in several pieces is the content of each. */
  readonly places: Map<number, number>;
  next: number;
}

interface Content {
  /** Writes the field anew. */
  write(rope: Rope): void;
  /** True when the bytes in the source say the same. */
  readonly isCopy: boolean;
}

type Kind = 'own' | 'child';
const kinds: readonly Kind[] = ['own', 'child'];

class Composer {
  readonly #origin: Origin<unknown>;
  readonly #layout: Layout;
  readonly #fields: readonly FieldSpan[];
  /** Fields that the schema does not have, or has of another type: they stay. */
  readonly #unknown: ReadonlySet<string>;
  readonly #queues: Readonly<Record<Kind, Map<number, Queue>>> = { own: new Map(), child: new Map() };
  readonly #rope: Rope;

  constructor(origin: Origin<unknown>, layout: Layout, unknowns: readonly Uint8Array[]) {
    this.#origin = origin;
    this.#layout = layout;
    this.#fields = fieldsOf(origin.skeleton, origin.spans);
    this.#unknown = new Set(unknowns.map(decodeText));
    this.#rope = new OriginRope(origin, false);
  }

  compose(before: Pieces, after: Pieces, children: readonly Child[]): Rope {
    const slots = { own: new Map<number, FieldSpan[]>(), child: new Map<number, FieldSpan[]>() };
    for (const field of this.#fields) {
      const kind = this.#kindOf(field);
      if (kind !== 'unknown') push(slots[kind], field.number, field);
    }
    for (const number of new Set([...slots.own.keys(), ...after.keys()]))
      this.#enqueueOwn(number, slots.own.get(number) ?? [], before.get(number) ?? [], after.get(number) ?? []);
    for (const [number, content] of children) this.#enqueueChild(number, content);

    const additions = this.#additions(slots);
    this.#add(additions.get(undefined));
    for (const field of this.#fields) {
      const kind = this.#kindOf(field);
      const queue = kind === 'unknown' ? undefined : this.#queues[kind].get(field.number);
      if (kind === 'unknown') this.#copyField(field);
      else if (queue !== undefined) {
        this.#writeSlot(queue, field, kind);
        if (slots[kind].get(field.number)?.at(-1) === field) this.#writeUpTo(queue, Infinity);
      }
      this.#add(additions.get(field));
    }
    return this.#rope;
  }

  #kindOf({ number, wireType, start, end }: FieldSpan): Kind | 'unknown' {
    if (this.#layout.payload[number] === true) return 'child';
    if (wireType === LENGTH_DELIMITED && this.#layout.children[number] !== undefined) return 'child';
    if (this.#unknown.size === 0) return 'own';
    return this.#unknown.has(decodeText(this.#origin.skeleton.bytes.subarray(start, end))) ? 'unknown' : 'own';
  }

  /** Own fields: those that say the same before and after stay as they are, where each entry has a field of its own. */
  #enqueueOwn(
    number: number,
    slots: readonly FieldSpan[],
    before: readonly Uint8Array[],
    after: readonly Uint8Array[],
  ): void {
    const isKept = before.length === after.length && before.every((piece, index) => sameBytes(piece, after[index]));
    const queue: Queue = { contents: [], places: new Map(), next: 0 };
    this.#queues.own.set(number, queue);
    if (isKept) {
      // Of a singular field that occurs again, too.
      for (const { start } of slots) queue.places.set(start, queue.contents.push(untouched) - 1);
      return;
    }
    for (const piece of after) queue.contents.push({ write: (rope) => void rope.bytes(piece), isCopy: true });
    if (slots.length !== before.length) return;
    // From the last one on, so that the next of equal entries is at the end of its list.
    const indices = new Map<string, number[]>();
    for (let index = after.length - 1; index >= 0; index--)
      push(indices, decodeText(after[index] as Uint8Array), index);
    let least = 0;
    for (const [slot, piece] of before.entries()) {
      const equal = indices.get(decodeText(piece)) ?? [];
      while ((equal.at(-1) ?? Infinity) < least) equal.pop();
      const index = equal.pop();
      if (index === undefined) continue;
      queue.places.set(slots[slot]?.start ?? 0, index);
      least = index + 1;
    }
  }

  #enqueueChild(number: number, content: Rope): void {
    const queue: Queue = this.#queues.child.get(number) ?? { contents: [], places: new Map(), next: 0 };
    this.#queues.child.set(number, queue);
    const index = queue.contents.length;
    const isOurs = content instanceof OriginRope && content.origin.skeleton === this.#origin.skeleton;
    queue.contents.push({ write: (rope) => void rope.field(number, content), isCopy: isOurs && content.isCopy });
    if (!isOurs) return;
    const { spans } = content.origin;
    for (let i = 0; i < spans.length; i += 2) {
      const start = spans[i] ?? 0;
      if (!queue.places.has(start)) queue.places.set(start, index);
    }
  }

  /** What the source does not have, by the field that it comes behind: the last one of a lower number. */
  #additions(
    slots: Readonly<Record<Kind, ReadonlyMap<number, readonly FieldSpan[]>>>,
  ): Map<FieldSpan | undefined, Queue[]> {
    const added: (readonly [number: number, queue: Queue])[] = [];
    for (const kind of kinds)
      for (const [number, queue] of this.#queues[kind]) if (!slots[kind].has(number)) added.push([number, queue]);
    const additions = new Map<FieldSpan | undefined, Queue[]>();
    for (const [number, queue] of added.sort(([a], [b]) => a - b)) {
      let before: FieldSpan | undefined;
      for (const kind of kinds)
        for (const [lower, fields] of slots[kind]) {
          const last = fields.at(-1);
          if (lower < number && last !== undefined && last.start >= (before?.start ?? -1)) before = last;
        }
      push(additions, before, queue);
    }
    return additions;
  }

  #add(queues: readonly Queue[] | undefined): void {
    for (const queue of queues ?? []) this.#writeUpTo(queue, Infinity);
  }

  /** The place of a field in the source: it is written there with what now comes before it, unless it was written already or is gone. */
  #writeSlot(queue: Queue, field: FieldSpan, kind: Kind): void {
    const index = queue.places.get(kind === 'child' ? field.contentStart : field.start);
    const content = index === undefined ? undefined : queue.contents[index];
    if (index === undefined || content === undefined) return;
    // A further piece of what was written last.
    const isContinued = index === queue.next - 1;
    if (index < queue.next && !isContinued) return;
    if (isContinued) {
      if (content.isCopy) this.#copyField(field);
      return;
    }
    this.#writeUpTo(queue, index);
    queue.next = index + 1;
    if (content.isCopy) this.#copyField(field);
    else content.write(this.#rope);
  }

  #writeUpTo(queue: Queue, limit: number): void {
    for (; queue.next < Math.min(limit, queue.contents.length); queue.next++) {
      queue.contents[queue.next]?.write(this.#rope);
    }
  }

  /** A field with the bytes it has, its header included, however that is spelled. */
  #copyField({ start, contentStart, end, wireType }: FieldSpan): void {
    const { skeleton } = this.#origin;
    if (wireType !== LENGTH_DELIMITED) {
      this.#rope.bytes(skeleton.bytes.subarray(start, end));
      return;
    }
    this.#rope.bytes(skeleton.bytes.subarray(start, contentStart));
    skeleton.visit(
      contentStart,
      end,
      (bytes) => void this.#rope.bytes(bytes),
      (from, to) => void this.#rope.range(skeleton.source, from, to),
    );
  }
}

/** What stays as it is: there is always a place to copy it from. */
const untouched: Content = { write: () => undefined, isCopy: true };

function push<Key, Entry>(lists: Map<Key, Entry[]>, key: Key, entry: Entry): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [entry]);
  else list.push(entry);
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.byteLength === b?.byteLength && a.every((byte, index) => byte === b[index]);
}
