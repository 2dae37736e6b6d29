import { InternalError, UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import type { Tensor } from '../ir/tensor.ts';
import { referenceTo } from '../serde/data-file.ts';
import { ExternalPayload } from '../serde/payloads.ts';
import { tensorsOfModel } from '../serde/tensors-of-model.ts';
import type { Placement } from '../serde/write-context.ts';
import { writeModel } from '../serde/write-model.ts';
import { staysExternal } from '../serde/write-tensor.ts';
import { type ByteSink, MemorySink } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { MAXIMUM_MESSAGE_BYTES } from '../wire/limits.ts';
import type { Rope } from '../wire/rope.ts';
import { checkThreshold, DEFAULT_EXTERNAL_THRESHOLD, type ExternalDataOptions } from './external-options.ts';
import {
  addOverflow,
  isElsewhere,
  localName,
  type Moves,
  notesOnMoves,
  type PlacedData,
  placeData,
  planMoves,
} from './place-data.ts';

export interface SaveOptions extends ExternalDataOptions {
  /** The file that is written. Left out, every reference to external data stays as it is, and no data file is written. */
  readonly target?: SaveTarget | undefined;
}

export interface SaveTarget {
  /** The folder, as `ExternalResolver.folder` names it. External data of that folder stays where it is. */
  readonly folder: string;
  /** The model's name in it. */
  readonly name: string;
  /** True when the file that the model was read from is replaced: then nothing else needs that file's data. */
  readonly isSource?: boolean | undefined;
  /** True when two names in the folder lead to one file, by links or because the system takes the names for the same. */
  isSameFile?(a: string, b: string): boolean;
  /** True when a file of that name is in the folder; asked before a name is made up. */
  exists?(location: string): boolean;
  /** Opens a file of the folder that is there, for policy `keep`. ModelError when it may not be read or is missing. */
  findExternal?(location: string): Promise<ByteSource>;
  /** Opens a new file of the folder for external data. */
  openExternal(location: string): Promise<ByteSink>;
  /**
   * Asked after the data was written: when that lies under another name until the model is in place, the model is also
   * written to this sink, for data of that name (see platform/node-model-files.ts).
   */
  openInterim?(): { readonly location: string; readonly sink: ByteSink } | undefined;
}

export interface SaveResult {
  /** Bytes of the model itself. */
  readonly byteLength: number;
  /** Bytes of the external data file; undefined when none was written. */
  readonly externalByteLength: number | undefined;
  /** Files of external data that were there and that the written model goes on using, relative to its folder. */
  readonly kept: readonly string[];
  /** What the caller should tell the user. */
  readonly notes: readonly string[];
}

/**
 * Writes a model. What did not change since it was read comes out byte for byte. Memory does not follow the weights.
 * UsageError when the model would be too large for one message and its data has no other place, or when it would replace
 * its own data; ModelError when data that the model refers to cannot be read. On an error the sinks hold part of the output.
 */
export async function saveModel(model: Model, sink: ByteSink, options: SaveOptions = {}): Promise<SaveResult> {
  const { rope, data, kept, notes } = await planSave(model, options);
  if (data !== undefined) {
    await data.rope.writeTo(await data.target.openExternal(data.location));
    const interim = data.target.openInterim?.();
    if (interim !== undefined) await data.modelFor(interim.location).writeTo(interim.sink);
  }
  await rope.writeTo(sink);
  return { byteLength: rope.byteLength, externalByteLength: data?.rope.byteLength, kept, notes };
}

/** What `saveModel` would write, external data included, in bytes. No weight is read. */
export async function measureModel(
  model: Model,
  options: ExternalDataOptions & { readonly target?: Omit<SaveTarget, 'openExternal'> } = {},
): Promise<Pick<SaveResult, 'kept'> & { readonly bytes: number }> {
  const openExternal = (): Promise<ByteSink> => Promise.reject(new InternalError('measuring opens no file'));
  const target = options.target && { ...options.target, openExternal };
  const { rope, data, kept } = await planSave(model, { ...options, target });
  return { bytes: rope.byteLength + (data?.rope.byteLength ?? 0), kept };
}

/** The bytes of a model whose weights fit into memory. */
export async function modelToBytes(model: Model, options: ExternalDataOptions = {}): Promise<Uint8Array> {
  const sink = new MemorySink();
  await saveModel(model, sink, options);
  return sink.bytes;
}

interface SavePlan {
  readonly rope: Rope;
  readonly data:
    | {
        readonly rope: Rope;
        readonly location: string;
        readonly target: SaveTarget;
        /** The model with its data in a file of another name. */
        modelFor(location: string): Rope;
      }
    | undefined;
  readonly kept: readonly string[];
  readonly notes: readonly string[];
}

async function planSave(model: Model, options: SaveOptions): Promise<SavePlan> {
  const { target, externalData: policy = 'auto' } = options;
  const threshold = checkThreshold(options.externalThreshold ?? DEFAULT_EXTERNAL_THRESHOLD);
  if (policy === 'split' && target === undefined) {
    throw new UsageError('the data of a model can be split off only beside a file', 'write the model to a file');
  }
  const tensors = [...tensorsOfModel(model)];
  const external = tensors.filter(staysExternal);
  if (target !== undefined) refuseOwnData(external, target);
  if (target !== undefined && policy === 'keep') await checkKept(external, target);

  const moves = planMoves(tensors, target?.folder, policy, threshold);
  const notes: string[] = [];
  let placed = await placeData(moves);
  let location = target === undefined ? '' : freeLocation(external, moves, target);
  let rope = compose(model, placed, location);
  const isTooLarge = rope.byteLength > MAXIMUM_MESSAGE_BYTES;
  if (isTooLarge && target !== undefined && policy !== 'inline') {
    const before = gibibytes(rope);
    addOverflow(moves, tensors, threshold);
    placed = await placeData(moves);
    location = freeLocation(external, moves, target);
    rope = compose(model, placed, location);
    notes.push(`the model would take ${before}, more than protobuf allows: its weights were written to ${location}`);
  }
  if (rope.byteLength > MAXIMUM_MESSAGE_BYTES) throw tooLarge(rope, options);

  const kept = new Set(external.filter((tensor) => !moves.toFile.has(tensor) && !moves.toModel.has(tensor)));
  notes.push(...notesOnMoves(moves));
  return {
    rope,
    data:
      target === undefined || placed.file.rope.byteLength === 0
        ? undefined
        : { rope: placed.file.rope, location, target, modelFor: (name) => compose(model, placed, name) },
    kept: [...new Set([...kept].map(localName))],
    notes,
  };
}

function compose(model: Model, { file, inline }: PlacedData, location: string): Rope {
  const placements = new Map<Tensor, Placement>(inline);
  for (const [tensor, place] of file.places) placements.set(tensor, referenceTo(location, place));
  return writeModel(model, { placements });
}

/** A model over one of its own data files would leave no data. File systems may not tell upper from lower case. */
function refuseOwnData(external: readonly Tensor[], target: SaveTarget): void {
  const { folder, name } = target;
  const own = new Set(external.filter((tensor) => !isElsewhere(tensor, folder)).map(localName));
  if (![...own].some((location) => isSameName(location, name, target))) return;
  throw new UsageError(`${name} holds data of the model and would be replaced`, 'choose another name');
}

function isSameName(a: string, b: string, target: SaveTarget): boolean {
  return a.toLowerCase() === b.toLowerCase() || target.isSameFile?.(a, b) === true;
}

/** UsageError when a reference that stays would lead to nothing in the target's folder. */
async function checkKept(external: readonly Tensor[], target: SaveTarget): Promise<void> {
  for (const tensor of external) {
    if (!isElsewhere(tensor, target.folder) || !(tensor.payload instanceof ExternalPayload)) continue;
    const { reference, byteLength } = tensor.payload;
    try {
      if (target.findExternal === undefined) throw new UsageError('it is not there');
      const { findExternal } = target;
      await new ExternalPayload(reference, byteLength, { folder: target.folder, open: findExternal }).locate();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new UsageError(
        `${target.name} would not find its data '${reference.location}' in its new folder: ${error.message}`,
        'copy the data there first, or use --external-data auto, which brings the data along',
      );
    }
  }
}

/** `<name>.data`, or with a number when that file is another's or goes on being used. */
function freeLocation(external: readonly Tensor[], { toFile, toModel }: Moves, target: SaveTarget): string {
  const { folder, name, isSource } = target;
  const taken = new Set<string>();
  for (const tensor of external) {
    if (isElsewhere(tensor, folder)) continue;
    // Data that moves is still needed by the file the model was read from, unless that is the one that is written.
    const moves = toFile.has(tensor) || toModel.has(tensor);
    if (!moves || isSource !== true) taken.add(localName(tensor));
  }
  const isTaken = (location: string): boolean => [...taken].some((other) => isSameName(other, location, target));
  const preferred = `${name}.data`;
  if (!isTaken(preferred)) return preferred;
  for (let number = 1; ; number++) {
    const location = `${name}.${number}.data`;
    if (!isTaken(location) && target.exists?.(location) !== true) return location;
  }
}

function tooLarge(rope: Rope, { target, externalData }: SaveOptions): UsageError {
  const size = gibibytes(rope);
  if (externalData === 'inline') {
    return new UsageError(
      `with its data the model takes ${size}, more than the 2 GiB that protobuf allows`,
      'use --external-data split, which writes the data to a file of its own',
    );
  }
  return target === undefined
    ? new UsageError(
        `the model takes ${size}, more than the 2 GiB that protobuf allows`,
        'write it to a file, so that its weights can become external data',
      )
    : new UsageError(
        `even without its weights the model takes ${size}, more than the 2 GiB that protobuf allows`,
        'a lower --external-threshold moves more tensors into the data file',
      );
}

function gibibytes(rope: Rope): string {
  return `${(rope.byteLength / 2 ** 30).toFixed(2)} GiB`;
}
