import { invariant, ModelError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { checkSize } from './check-size.ts';
import { END_GROUP, FieldCursor, type Layout, layouts, LENGTH_DELIMITED, START_GROUP, WireError } from './fields.ts';
import {
  MAXIMUM_GROUP_NESTING,
  MAXIMUM_HOLES,
  MAXIMUM_NESTING,
  MAXIMUM_SKELETON_BYTES,
  MAXIMUM_SMALL_TENSORS_BYTES,
  RESIDENT_BYTES_OF_MANY,
} from './limits.ts';
import { notOnnx } from './not-onnx.ts';
import { type Hole, Skeleton } from './skeleton.ts';

/** A range of the source that holds elements of a tensor. */
export interface LongPayload {
  /** Field number in TensorProto. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** A tag and a length of ten bytes each: more than any header needs. */
const HEADER_BYTES = 20;
const FIRST_WINDOW = 64 * 1024;
/** After a hole only a name and the next header are wanted; the window grows while reading goes straight on. */
const SMALLEST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 1024 * 1024;
/** Room for the name, dims and texts of a tensor whose payload is just small enough to stay. */
const TENSOR_HEAD = 4 * 1024;

/**
 * Reads the structure of a model and leaves out the payload of every tensor that takes more than about `residentBytes`, or
 * fewer where there are very many small ones; `Skeleton.residentBytes` says which it was.
 * Looks only into messages that are large enough to hold such a tensor; the rest is checked when it is decoded.
 * NotOnnxError for a file that is no model, ModelError for one that is damaged.
 */
export async function walkModel(source: ByteSource, residentBytes: number): Promise<Skeleton> {
  const fewer = Math.min(residentBytes, RESIDENT_BYTES_OF_MANY);
  const skeleton =
    (await walk(source, residentBytes, TENSOR_HEAD, MAXIMUM_SMALL_TENSORS_BYTES)) ??
    (await walk(source, fewer, fewer, Infinity));
  invariant(skeleton !== undefined, 'a walk without a limit ends');
  checkSize(skeleton);
  return skeleton;
}

/** Undefined when more than `limit` bytes are kept. `tensorHead` is room for what a tensor holds beside its payload. */
async function walk(
  source: ByteSource,
  residentBytes: number,
  tensorHead: number,
  limit: number,
): Promise<Skeleton | undefined> {
  const recorder = new Recorder(source);
  const frames: Frame[] = [{ layout: layouts.model, end: source.byteLength, group: 0 }];
  const cursor = new FieldCursor(recorder.window);
  let seenGraph = false;

  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    if (recorder.position === frame.end && frame.group === 0) {
      frames.pop();
      continue;
    }
    if (recorder.available < HEADER_BYTES) await recorder.fill();
    cursor.bytes = recorder.window;
    const { windowStart } = recorder;
    const start = recorder.position;
    if (recorder.keptBytes > limit) return undefined;
    const windowEnd = Math.min(frame.end - windowStart, recorder.window.byteLength);
    let child: Layout | undefined;
    let valueStart: number;
    let valueEnd: number;
    try {
      cursor.read(start - windowStart, windowEnd);
      valueStart = cursor.valueStart + windowStart;
      if (cursor.wireType === LENGTH_DELIMITED) {
        valueEnd = valueStart + cursor.length;
        child = frame.layout?.children[cursor.number];
        if (frames.length === 1 && child === layouts.graph) seenGraph = true;
      } else if (cursor.wireType === START_GROUP || cursor.wireType === END_GROUP) {
        valueEnd = valueStart;
      } else {
        valueEnd = cursor.skip(windowEnd) + windowStart;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (frames.length === 1 && !seenGraph) throw await notOnnx(source);
      if (frames.length === 1 && error.isCutOff) throw truncated(source, start, undefined);
      throw corrupt(source, frame, error.message, error.position + windowStart);
    }

    if (valueEnd > frame.end) {
      if (frames.length === 1 && !seenGraph) throw await notOnnx(source);
      if (valueEnd > source.byteLength && frames.length === 1) throw truncated(source, start, valueEnd);
      throw corrupt(source, frame, `field ${cursor.number} reaches beyond the end of its message`, start);
    }

    if (cursor.wireType === START_GROUP) {
      if (frames.length > MAXIMUM_GROUP_NESTING + MAXIMUM_NESTING) throw tooDeep(source, start);
      await recorder.keep(valueEnd);
      frames.push({ layout: undefined, end: frame.end, group: cursor.number });
    } else if (cursor.wireType === END_GROUP) {
      if (frame.group !== cursor.number) throw corrupt(source, frame, 'a group ends that was not begun', start);
      await recorder.keep(valueEnd);
      frames.pop();
    } else if (frame.layout?.payload[cursor.number] === true) {
      if (recorder.holeCount >= MAXIMUM_HOLES) throw tooManyPieces(source, start);
      if (cursor.wireType === LENGTH_DELIMITED) recorder.cut(valueStart, valueEnd);
      else recorder.cutRun(cursor.number, start, valueEnd);
    } else if (child !== undefined && cursor.length > residentBytes + (child === layouts.tensor ? tensorHead : 0)) {
      if (frames.length > MAXIMUM_NESTING) throw tooDeep(source, start);
      await recorder.keep(valueStart);
      frames.push({ layout: child, end: valueEnd, group: 0 });
    } else {
      await recorder.keep(valueEnd);
    }
  }
  if (!seenGraph) throw await notOnnx(source);
  return recorder.finish(residentBytes);
}

interface Frame {
  readonly layout: Layout | undefined;
  readonly end: number;
  /** Field number of the unknown group that is being skipped; 0 for a message. */
  readonly group: number;
}

function corrupt(source: ByteSource, frame: Frame, message: string, offset: number): ModelError {
  const where = frame.layout?.name ?? 'a group';
  return new ModelError(`the file is corrupt: in a ${where}, ${message}`, { file: source.name, offset });
}

function truncated(source: ByteSource, offset: number, end: number | undefined): ModelError {
  const wanted = end === undefined ? 'is not complete' : `ends at byte ${end}`;
  return new ModelError(
    `the file is truncated: it has ${source.byteLength} bytes, but the field at byte ${offset} ${wanted}`,
    { file: source.name, offset },
    'the download or the export did not finish; fetch or export the model again',
  );
}

function tooDeep(source: ByteSource, offset: number): ModelError {
  return new ModelError(
    `messages are nested more than ${MAXIMUM_NESTING} deep`,
    { file: source.name, offset },
    'no protobuf reader opens such a file',
  );
}

function tooManyPieces(source: ByteSource, offset: number): ModelError {
  return new ModelError(`tensors are stored in more than ${MAXIMUM_HOLES} pieces`, { file: source.name, offset });
}

function tooLarge(source: ByteSource): ModelError {
  return new ModelError(
    `the structure of the model, without the weights, takes more than ${MAXIMUM_SKELETON_BYTES} bytes`,
    { file: source.name },
    'it would not fit into memory; no model that runs is so large',
  );
}

/** Reads a source through a sliding window, and collects what is kept of it. */
class Recorder {
  readonly #source: ByteSource;
  /** All windows are read into it. */
  #buffer: Uint8Array | undefined;
  window: Uint8Array = new Uint8Array(0);
  windowStart = 0;
  position = 0;
  /** Start of the bytes before `position` that are kept but not yet collected; never before the window. */
  #keptFrom = 0;
  #collected = new Uint8Array(0);
  #length = 0;
  #windowSize = FIRST_WINDOW / 2;
  readonly #holes: Hole[] = [];
  readonly #runs: LongPayload[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get #windowEnd(): number {
    return this.windowStart + this.window.byteLength;
  }

  get holeCount(): number {
    return this.#holes.length;
  }

  get keptBytes(): number {
    return this.#length;
  }

  get available(): number {
    return this.#windowEnd - this.position;
  }

  /** Moves the window to `position`. At the end of the source fewer bytes than wanted come in. */
  async fill(): Promise<void> {
    if (this.#windowEnd === this.#source.byteLength && this.position <= this.#windowEnd) return;
    this.#collect(Math.min(this.position, this.#windowEnd));
    const isSequential = this.position <= this.#windowEnd;
    this.#windowSize = isSequential ? Math.min(this.#windowSize * 2, LARGEST_WINDOW) : SMALLEST_WINDOW;
    const length = Math.min(this.#windowSize, this.#source.byteLength - this.position);
    this.#buffer ??= new Uint8Array(Math.min(LARGEST_WINDOW, this.#source.byteLength));
    this.window = await this.#source.read(this.position, length, this.#buffer);
    this.windowStart = this.position;
    this.#keptFrom = this.position;
  }

  /** Keeps everything up to `end`. */
  async keep(end: number): Promise<void> {
    if (this.#length + end - this.#keptFrom > MAXIMUM_SKELETON_BYTES) throw tooLarge(this.#source);
    while (end > this.#windowEnd) {
      this.position = this.#windowEnd;
      await this.fill();
    }
    this.position = end;
  }

  /** Leaves [start, end) out. */
  cut(start: number, end: number): void {
    this.#collect(start);
    if (end > start) this.#holes.push({ position: this.#length, sourceStart: start, sourceEnd: end });
    this.position = end;
    this.#keptFrom = end;
  }

  /** Leaves out an unpacked element with its tag; neighbours become one run. */
  cutRun(number: number, start: number, end: number): void {
    this.#collect(start);
    const run = this.#runs.at(-1);
    if (run !== undefined && run.number === number && run.end === start) {
      this.#runs.pop();
      this.#holes.pop();
      this.#runs.push({ number, start: run.start, end });
      this.#holes.push({ position: this.#length, sourceStart: run.start, sourceEnd: end });
    } else {
      this.#runs.push({ number, start, end });
      this.#holes.push({ position: this.#length, sourceStart: start, sourceEnd: end });
    }
    this.position = end;
    this.#keptFrom = end;
  }

  finish(residentBytes: number): Skeleton {
    this.#collect(this.position);
    return new Skeleton(
      this.#source,
      this.#collected.subarray(0, this.#length),
      this.#holes,
      this.#runs,
      residentBytes,
    );
  }

  #collect(end: number): void {
    if (end <= this.#keptFrom) return;
    const bytes = this.window.subarray(this.#keptFrom - this.windowStart, end - this.windowStart);
    const needed = this.#length + bytes.byteLength;
    if (needed > this.#collected.byteLength) {
      const grown = new Uint8Array(Math.max(needed, this.#collected.byteLength * 2));
      grown.set(this.#collected.subarray(0, this.#length));
      this.#collected = grown;
    }
    this.#collected.set(bytes, this.#length);
    this.#length = needed;
    this.#keptFrom = end;
  }
}
