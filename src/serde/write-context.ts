import type { ExternalReference, Tensor } from '../ir/tensor.ts';
import { decodeMessage, type MessageType, type StringStringEntryProto } from '../wire/codec.ts';
import type { Layout } from '../wire/fields.ts';
import type { Rope } from '../wire/rope.ts';
import { splitMessage } from '../wire/split.ts';
import type { Origin } from './origin.ts';

/** Where elements go that do not stay where they are: into a data file, or as these bytes into the model. */
export type Placement = ExternalReference | Rope;

/** What all writers of one model share. */
export interface WriteContext {
  /** Tensors whose elements move; every other tensor keeps its elements where they are. */
  readonly placements: ReadonlyMap<Tensor, Placement>;
}

/** The own fields that a message has in the source, unknown ones included; an empty message for what is new. */
export function ownFields<Message extends object>(
  origin: Origin<unknown> | undefined,
  layout: Layout,
  type: MessageType<Message>,
): Message {
  if (origin === undefined) return {} as Message;
  const { bytes, start, end } = splitMessage(origin.skeleton, layout, origin.spans);
  return decodeMessage(type, bytes, start, end);
}

/** The field for `text`: as it is in `own` while it says the same (present and empty is not absent), null for none. */
export function textField(own: string | null | undefined, text: string | undefined): string | null {
  if ((own ?? '') === (text ?? '')) return own ?? null;
  return text === undefined || text === '' ? null : text;
}

/** As `textField`, for texts whose presence the IR keeps. */
export function optionalTextField(text: string | undefined): string | null {
  return text ?? null;
}

export function entriesOf(metadata: Iterable<readonly [string, string]>): StringStringEntryProto[] {
  return [...metadata].map(([key, value]) => ({ key, value }));
}

/** True when the members of `object` are the very ones of `snapshot`. */
export function isSame<Snapshot extends object>(
  object: Snapshot,
  snapshot: Snapshot,
  keys: readonly (keyof Snapshot)[],
): boolean {
  return keys.every((key) => object[key] === snapshot[key]);
}
