import { type Layout, LENGTH_DELIMITED, WireError } from './fields.ts';
import type { Skeleton } from './skeleton.ts';

/** Content of a message: pairs of skeleton positions. A field that occurs again is merged, so there may be several. */
export type Spans = readonly number[];

export interface ChildField {
  readonly number: number;
  /** Content, as skeleton positions. */
  readonly start: number;
  readonly end: number;
}

/** A piece of a tensor's elements. */
export interface PayloadField {
  readonly number: number;
  /** True for unpacked elements: the range holds tags too. */
  readonly isRun: boolean;
  readonly sourceStart: number;
  readonly sourceEnd: number;
  /** The bytes, unless they were left out of the skeleton. */
  readonly bytes: Uint8Array | undefined;
}

/** A message taken apart: its own fields, still encoded, and what needs a closer look. */
export interface MessageParts {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** In file order. */
  readonly children: readonly ChildField[];
  /** In file order. */
  readonly payload: readonly PayloadField[];
}

const none: readonly never[] = [];

/** Throws WireError, with a skeleton position, when the bytes are not fields. */
export function splitMessage(skeleton: Skeleton, layout: Layout, spans: Spans): MessageParts {
  const { bytes, cursor } = skeleton;
  const hasPayload = layout.payload.length > 0;
  const ownPieces: number[] = [];
  let children: ChildField[] | undefined;
  let payload: PayloadField[] | undefined;
  let ownStart = 0;
  let ownEnd = -1;
  for (let index = 0; index < spans.length; index += 2) {
    const end = spans[index + 1] ?? 0;
    for (let at = spans[index] ?? 0; at < end;) {
      cursor.read(at, end);
      const { number, wireType, start, valueStart, length } = cursor;
      let after: number;
      let isOwn = true;
      if (wireType === LENGTH_DELIMITED) {
        after = valueStart + length;
        if (skeleton.holes.length > 0 && (hasPayload || length > skeleton.residentBytes))
          after = skeleton.endOf(valueStart, length);
        if (after > end) throw new WireError(`field ${number} reaches beyond the end of its message`, start);
        if (layout.children[number] !== undefined) {
          (children ??= []).push({ number, start: valueStart, end: after });
          isOwn = false;
        } else if (hasPayload && layout.payload[number] === true) {
          const sourceStart = skeleton.sourceAfter(valueStart);
          const isResident = after - valueStart === length;
          (payload ??= []).push({
            number,
            isRun: false,
            sourceStart,
            sourceEnd: sourceStart + length,
            bytes: isResident ? bytes.subarray(valueStart, after) : undefined,
          });
          isOwn = false;
        }
      } else {
        after = cursor.skip(end);
        if (hasPayload && layout.payload[number] === true) {
          addElement((payload ??= []), skeleton, number, start, after);
          isOwn = false;
        }
      }
      if (isOwn) {
        if (start !== ownEnd) {
          if (ownEnd >= 0) ownPieces.push(ownStart, ownEnd);
          ownStart = start;
        }
        ownEnd = after;
      }
      at = after;
    }
    if (hasPayload && skeleton.runs.length > 0) {
      const sourceStart = skeleton.sourceAfter(spans[index] ?? 0);
      const runs = skeleton.runsWithin(sourceStart, sourceStart + skeleton.sourceLength(spans[index] ?? 0, end));
      for (const { number, start, end: sourceEnd } of runs) {
        (payload ??= []).push({ number, isRun: true, sourceStart: start, sourceEnd, bytes: undefined });
      }
      payload?.sort((a, b) => a.sourceStart - b.sourceStart);
    }
  }
  const rest = { children: children ?? none, payload: payload ?? none };
  if (ownEnd < 0) return { bytes, start: 0, end: 0, ...rest };
  if (ownPieces.length === 0) return { bytes, start: ownStart, end: ownEnd, ...rest };
  ownPieces.push(ownStart, ownEnd);
  const joined = joinPieces(bytes, ownPieces);
  return { bytes: joined, start: 0, end: joined.byteLength, ...rest };
}

/** An unpacked element; it continues the run before it where it can. */
function addElement(payload: PayloadField[], skeleton: Skeleton, number: number, start: number, end: number): void {
  const sourceStart = skeleton.sourceOf(start);
  const sourceEnd = sourceStart + end - start;
  const last = payload.at(-1);
  if (last?.isRun === true && last.number === number && last.sourceEnd === sourceStart && last.bytes !== undefined) {
    const bytes = skeleton.bytes.subarray(start - last.bytes.byteLength, end);
    payload[payload.length - 1] = { ...last, sourceEnd, bytes };
  } else {
    payload.push({ number, isRun: true, sourceStart, sourceEnd, bytes: skeleton.bytes.subarray(start, end) });
  }
}

function joinPieces(bytes: Uint8Array, pieces: readonly number[]): Uint8Array {
  let length = 0;
  for (let i = 0; i < pieces.length; i += 2) length += (pieces[i + 1] ?? 0) - (pieces[i] ?? 0);
  const joined = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < pieces.length; i += 2) {
    const piece = bytes.subarray(pieces[i] ?? 0, pieces[i + 1] ?? 0);
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}
