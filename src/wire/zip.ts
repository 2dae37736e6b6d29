/** Files in a ZIP archive (APPNOTE 6.3), as numpy.savez writes them: stored or deflated, also with the sizes of ZIP64. */
import { ModelError } from '../base/errors.ts';

const END_RECORD = 0x06054b50;
const END_RECORD_BYTES = 22;
const CENTRAL_HEADER = 0x02014b50;
const CENTRAL_HEADER_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const MAXIMUM_COMMENT = 0xffff;
/** A size that stands in the extra field of ZIP64. */
const ELSEWHERE = 0xffffffff;
const ZIP64_EXTRA = 1;

export interface ZipEntry {
  readonly name: string;
  /** ModelError when the data is damaged. */
  read(): Promise<Uint8Array>;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes.byteLength >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL_HEADER;
}

/** The files of an archive, in its order. ModelError when it has no directory; `file` is what messages call it. */
export function openZip(bytes: Uint8Array, file: string): ZipEntry[] {
  const view = viewOf(bytes);
  const damaged = (): ModelError => new ModelError('the archive is damaged or cut off', { file });
  let end = bytes.byteLength - END_RECORD_BYTES;
  const least = Math.max(0, end - MAXIMUM_COMMENT);
  while (end >= least && view.getUint32(end, true) !== END_RECORD) end--;
  if (end < least) throw damaged();
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + CENTRAL_HEADER_BYTES > end || view.getUint32(at, true) !== CENTRAL_HEADER) throw damaged();
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const nameEnd = at + CENTRAL_HEADER_BYTES + nameLength;
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_HEADER_BYTES, nameEnd));
    const sizes = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
    const [size, packed, start] = withZip64(sizes, bytes.subarray(nameEnd, nameEnd + extraLength)) as [
      number,
      number,
      number,
    ];
    const method = view.getUint16(at + 10, true);
    entries.push({
      name,
      read: async () => {
        if (start + LOCAL_HEADER_BYTES > end || view.getUint32(start, true) !== LOCAL_HEADER) throw damaged();
        const from = start + LOCAL_HEADER_BYTES + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
        if (from + packed > end) throw damaged();
        const data = bytes.subarray(from, from + packed);
        if (method === 0) return data;
        if (method !== 8) throw new ModelError(`'${name}' is compressed by method ${method}`, { file });
        const unpacked = await inflate(data, size).catch(() => undefined);
        if (unpacked?.byteLength !== size) throw damaged();
        return unpacked;
      },
    });
    at = nameEnd + extraLength + view.getUint16(at + 32, true);
  }
  return entries;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Sizes that do not fit 32 bits follow, in their order, in an extra field. */
function withZip64(sizes: readonly number[], extra: Uint8Array): number[] {
  if (!sizes.includes(ELSEWHERE)) return [...sizes];
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_EXTRA) continue;
    let next = at + 4;
    return sizes.map((size) => {
      if (size !== ELSEWHERE || next + 8 > extra.byteLength) return size;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
  }
  return [...sizes];
}

/** Stops at once when more comes out than the archive says. */
async function inflate(data: Uint8Array, size: number): Promise<Uint8Array> {
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  const feeding = writer.write(data as Uint8Array<ArrayBuffer>).then(() => writer.close());
  feeding.catch(() => undefined);
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > size) throw new RangeError('more data than the archive says');
    pieces.push(next.value);
  }
  const result = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.byteLength;
  }
  return result;
}
