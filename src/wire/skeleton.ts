import type { ByteSource } from './byte-source.ts';
import { FieldCursor } from './fields.ts';
import type { LongPayload } from './walk.ts';

/**
 * The bytes of a model without the long payloads of its tensors, in file order. Positions here count skeleton bytes;
 * a hole is a range of the source that was left out between two of them. A message of the eight that are walked owns
 * the holes at both its ends, since the header of a neighbour always lies between.
 */
export class Skeleton {
  readonly source: ByteSource;
  readonly bytes: Uint8Array;
  /** Holes in order. */
  readonly holes: readonly Hole[];
  /** Runs of unpacked elements that are part of holes, tags included. */
  readonly runs: readonly LongPayload[];
  /** Shared by all who split messages: that is synchronous, so nobody else is at it. */
  readonly cursor: FieldCursor;
  /** Messages of at most this many bytes have no hole inside. */
  readonly residentBytes: number;
  #lastAnswer = 0;

  constructor(
    source: ByteSource,
    bytes: Uint8Array,
    holes: readonly Hole[],
    runs: readonly LongPayload[],
    residentBytes: number,
  ) {
    this.source = source;
    this.residentBytes = residentBytes;
    this.bytes = bytes;
    this.cursor = new FieldCursor(bytes);
    this.holes = holes;
    this.runs = runs;
  }

  /** The offset in the source of the byte before `position`, plus one: where a value starts whose header ends there. */
  sourceAfter(position: number): number {
    return this.#sourceAfter(position, this.#firstHoleAtOrAfter(position));
  }

  /** The offset in the source of the byte at `position`. */
  sourceOf(position: number): number {
    return this.sourceAfter(position + 1) - 1;
  }

  /** The position that a value of `length` source bytes ends at, when it starts at `position` right after its header. */
  endOf(position: number, length: number): number {
    const { holes } = this;
    let index = this.#firstHoleAtOrAfter(position);
    const end = this.#sourceAfter(position, index) + length;
    for (let hole = holes[index]; hole !== undefined && hole.sourceStart < end; hole = holes[++index]) {
      if (hole.sourceEnd > end) return hole.position;
    }
    const last = holes[index - 1];
    return last === undefined ? end : end - last.sourceEnd + last.position;
  }

  /** Calls back for the resident pieces and the holes of [start, end), both ends' holes included. */
  visit(
    start: number,
    end: number,
    onBytes: (bytes: Uint8Array) => void,
    onHole: (sourceStart: number, sourceEnd: number) => void,
  ): void {
    let at = start;
    let index = this.#firstHoleAtOrAfter(start);
    for (let hole = this.holes[index]; hole !== undefined && hole.position <= end; hole = this.holes[++index]) {
      if (hole.position > at) onBytes(this.bytes.subarray(at, hole.position));
      onHole(hole.sourceStart, hole.sourceEnd);
      at = hole.position;
    }
    if (end > at) onBytes(this.bytes.subarray(at, end));
  }

  /** Bytes of the source that [start, end) stands for. */
  sourceLength(start: number, end: number): number {
    let length = end - start;
    let index = this.#firstHoleAtOrAfter(start);
    for (let hole = this.holes[index]; hole !== undefined && hole.position <= end; hole = this.holes[++index]) {
      length += hole.sourceEnd - hole.sourceStart;
    }
    return length;
  }

  /** Runs of unpacked elements inside the source range, in order. */
  runsWithin(sourceStart: number, sourceEnd: number): readonly LongPayload[] {
    const { runs } = this;
    let first = lowerBound(runs.length, (index) => (runs[index]?.start ?? 0) < sourceStart);
    const found: LongPayload[] = [];
    for (let run = runs[first]; run !== undefined && run.end <= sourceEnd; run = runs[++first]) found.push(run);
    return found;
  }

  #sourceAfter(position: number, firstHole: number): number {
    const hole = this.holes[firstHole - 1];
    return hole === undefined ? position : position - hole.position + hole.sourceEnd;
  }

  /** Asked for each field of the model: positions mostly come in order, so the search begins at the last answer. */
  #firstHoleAtOrAfter(position: number): number {
    const { holes } = this;
    let low = 0;
    let high = holes.length;
    let middle = this.#lastAnswer;
    while (low < high) {
      if ((holes[middle]?.position ?? Infinity) < position) low = middle + 1;
      else if (middle === low || (holes[middle - 1] as Hole).position < position) low = high = middle;
      else high = middle;
      middle = (low + high) >>> 1;
    }
    return (this.#lastAnswer = low);
  }
}

/** The first of `length` indices that is not before what is looked for. */
function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Hole {
  /** The skeleton position that the hole lies before. */
  readonly position: number;
  readonly sourceStart: number;
  readonly sourceEnd: number;
}
