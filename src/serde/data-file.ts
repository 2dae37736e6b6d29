import type { ExternalReference, Payload, Tensor } from '../ir/tensor.ts';
import { Rope } from '../wire/rope.ts';
import { ExternalPayload } from './payloads.ts';
import { payloadRope } from './write-tensor.ts';

/**
 * onnx.proto asks for offsets that are multiples of the page size, and on Windows of the granularity of its allocations,
 * so that runtimes can map tensors. That is worth its padding for large tensors only; small ones start at a cache line.
 */
const GRANULARITY_BYTES = 64 * 1024;
const PAGE_BYTES = 4096;
const LINE_BYTES = 64;

/** Where the elements of a tensor lie in a data file. */
export interface DataPlace {
  readonly offset: number;
  readonly length: number;
  /** Entries of the tensor's former reference that do not speak of a place. */
  readonly extra: ExternalReference['entries'];
}

/** A data file that is about to be written: the elements of some tensors and nothing else. */
export interface DataFile {
  readonly rope: Rope;
  readonly places: ReadonlyMap<Tensor, DataPlace>;
}

/** Bytes that are written in one piece: one range, or several of a file that overlap. */
interface Block {
  readonly content: Rope;
  /** The new offset must equal this one modulo `alignment`, so that each range in the block stays as aligned as it was. */
  readonly oldOffset: number;
  readonly alignment: number;
  offset: number | undefined;
}

interface Item {
  readonly tensor: Tensor;
  readonly block: Block;
  /** Start within the block. */
  readonly start: number;
}

/** A range of a file of external data. */
interface Located {
  readonly payload: ExternalPayload;
  readonly source: Awaited<ReturnType<ExternalPayload['locate']>>['source'];
  readonly start: number;
  readonly end: number;
}

/**
 * Lays out a data file in the order of `tensors`, none of them of strings. Ranges that tensors share, wholly or in part,
 * are written once and stay shared. ModelError when the present data of a tensor cannot be found.
 */
export async function layOutDataFile(tensors: Iterable<Tensor>): Promise<DataFile> {
  const items = await blocksOf([...tensors]);
  const rope = new Rope();
  const places = new Map<Tensor, DataPlace>();
  for (const { tensor, block, start } of items) {
    if (block.offset === undefined) {
      block.offset = alignedOffset(rope.byteLength, block);
      rope.bytes(new Uint8Array(block.offset - rope.byteLength)).rope(block.content);
    }
    const extra = (tensor.external?.entries ?? []).filter(([key]) => !placeKeys.has(key));
    places.set(tensor, { offset: block.offset + start, length: tensor.payload.byteLength, extra });
  }
  return { rope, places };
}

/** The reference to a place in the data file of that name. */
export function referenceTo(location: string, { offset, length, extra }: DataPlace): ExternalReference {
  return {
    location,
    entries: [['location', location], ['offset', String(offset)], ['length', String(length)], ...extra],
  };
}

/** The elements as part of the model. ModelError when their data file cannot be found. */
export async function inlineContent(payload: Payload): Promise<Rope> {
  if (payload.byteLength === 0) return new Rope();
  if (!(payload instanceof ExternalPayload)) return payloadRope(payload);
  const { source, start, end } = await locate(payload);
  return new Rope().range(source, start, end);
}

async function locate(payload: ExternalPayload): Promise<Located> {
  // Also for data that is in memory already: what cannot be found must not be referred to.
  const { source, offset } = await payload.locate();
  return { payload, source, start: offset, end: offset + payload.byteLength };
}

async function blocksOf(tensors: readonly Tensor[]): Promise<Item[]> {
  const blocks = new Map<Payload, { readonly block: Block; readonly start: number }>();
  const byFile = new Map<string, Located[]>();
  for (const { payload } of tensors) {
    if (blocks.has(payload)) continue;
    if (payload instanceof ExternalPayload) {
      const located = await locate(payload);
      const file = JSON.stringify([payload.resolver?.folder, located.source.name]);
      const ranges = byFile.get(file);
      if (ranges === undefined) byFile.set(file, [located]);
      else ranges.push(located);
    } else {
      const alignment = alignmentOf(payload.byteLength, 0);
      blocks.set(payload, {
        block: { content: payloadRope(payload), oldOffset: 0, alignment, offset: undefined },
        start: 0,
      });
    }
  }
  for (const located of byFile.values()) for (const [payload, at] of joinOverlaps(located)) blocks.set(payload, at);
  return tensors.flatMap((tensor) => {
    const at = blocks.get(tensor.payload);
    return at === undefined ? [] : [{ tensor, ...at }];
  });
}

/** The ranges of one file as blocks that do not overlap. */
function* joinOverlaps(
  located: readonly Located[],
): IterableIterator<readonly [Payload, { readonly block: Block; readonly start: number }]> {
  const sorted = [...located].sort((a, b) => a.start - b.start || a.end - b.end);
  for (let from = 0; from < sorted.length;) {
    const { source, start, end: firstEnd } = sorted[from] as Located;
    let end = firstEnd;
    let alignment = alignmentOf(firstEnd - start, start);
    let to = from + 1;
    for (let next = sorted[to]; next !== undefined && next.start < end; next = sorted[++to]) {
      end = Math.max(end, next.end);
      alignment = Math.max(alignment, alignmentOf(next.end - next.start, next.start));
    }
    const members = sorted.slice(from, to);
    const isOneRange = members.every((member) => member.start === start && member.end === end);
    const content = new Rope().range(source, start, end);
    // One range may be aligned better than it was; of several only what they had can be kept.
    const block: Block = { content, oldOffset: isOneRange ? 0 : start, alignment, offset: undefined };
    for (const member of members) yield [member.payload, { block, start: member.start - start }];
    from = to;
  }
}

/** The alignment for so many bytes: what their size asks for, and at least what they had. */
function alignmentOf(byteLength: number, oldOffset: number): number {
  const wanted =
    byteLength >= GRANULARITY_BYTES * 16
      ? GRANULARITY_BYTES
      : byteLength >= GRANULARITY_BYTES
        ? PAGE_BYTES
        : LINE_BYTES;
  // The first tensor of a file is aligned to anything, and a small one at a large power of two is so by chance.
  if (oldOffset === 0) return wanted;
  const cap = byteLength >= PAGE_BYTES ? GRANULARITY_BYTES : PAGE_BYTES;
  let had = 1;
  while (had < cap && oldOffset % (had * 2) === 0) had *= 2;
  return Math.max(wanted, had);
}

/** The first offset from `length` on that suits the block. */
function alignedOffset(length: number, { oldOffset, alignment }: Block): number {
  const remainder = (length - oldOffset) % alignment;
  return length + (remainder === 0 ? 0 : remainder < 0 ? -remainder : alignment - remainder);
}

/** Keys that say where the data is or was, or what the whole old file was (a checksum is one of all its bytes). */
const placeKeys: ReadonlySet<string> = new Set(['location', 'offset', 'length', 'checksum', 'basepath']);
