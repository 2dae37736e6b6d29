import { InternalError, UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import type { Tensor } from '../ir/tensor.ts';
import { ExternalFile } from '../serde/external-file.ts';
import { ExternalPayload } from '../serde/payloads.ts';
import { tensorsOfModel } from '../serde/tensors-of-model.ts';
import type { Placement } from '../serde/write-context.ts';
import { writeModel } from '../serde/write-model.ts';
import { staysExternal } from '../serde/write-tensor.ts';
import { type ByteSink, MemorySink } from '../wire/byte-sink.ts';
import { MAXIMUM_MESSAGE_BYTES } from '../wire/limits.ts';
import type { Rope } from '../wire/rope.ts';

export interface SaveOptions {
  /** The file that is written. Left out, every reference to external data stays as it is, and none is written. */
  readonly target?: SaveTarget;
}

export interface SaveTarget {
  /** The folder, as `ExternalResolver.folder` names it. External data of that folder stays where it is. */
  readonly folder: string;
  /** The model's name in it. */
  readonly name: string;
  /** Opens a file of the folder for external data: that of other folders, and what a model over 2 GiB cannot hold. */
  openExternal(location: string): Promise<ByteSink>;
}

export interface SaveResult {
  /** Bytes of the model itself. */
  readonly byteLength: number;
  /** Bytes of the external data file; undefined when none was written. */
  readonly externalByteLength: number | undefined;
  /** What the caller should tell the user. */
  readonly notes: readonly string[];
}

/** Tensors below this size stay in a model that must become smaller; many tools look for shapes there. */
const SMALLEST_EXTERNAL_BYTES = 1024;

/**
 * Writes a model. What did not change since it was read comes out byte for byte. Memory does not follow the weights.
 * UsageError when the model would be too large for one message and no target is given, or when it would replace its own
 * data; ModelError when data that the model refers to cannot be read. On an error the sinks hold part of the output.
 */
export async function saveModel(model: Model, sink: ByteSink, options: SaveOptions = {}): Promise<SaveResult> {
  const { rope, external, notes } = await planSave(model, options.target);
  if (external !== undefined) await external.rope.writeTo(await external.open());
  await rope.writeTo(sink);
  return { byteLength: rope.byteLength, externalByteLength: external?.rope.byteLength, notes };
}

/** How many bytes `saveModel` would write, external data included. Nothing is opened, and no weight is read. */
export async function measureModel(model: Model, target?: Omit<SaveTarget, 'openExternal'>): Promise<number> {
  const openExternal = (): Promise<ByteSink> => Promise.reject(new InternalError('measuring opens no file'));
  const { rope, external } = await planSave(model, target && { ...target, openExternal });
  return rope.byteLength + (external?.rope.byteLength ?? 0);
}

/** The bytes of a model whose weights fit into memory. */
export async function modelToBytes(model: Model): Promise<Uint8Array> {
  const sink = new MemorySink();
  await saveModel(model, sink);
  return sink.bytes;
}

interface SavePlan {
  readonly rope: Rope;
  readonly external: { readonly rope: Rope; open(): Promise<ByteSink> } | undefined;
  readonly notes: readonly string[];
}

async function planSave(model: Model, target: SaveTarget | undefined): Promise<SavePlan> {
  if (target === undefined) {
    const rope = writeModel(model, { placements: new Map() });
    if (rope.byteLength <= MAXIMUM_MESSAGE_BYTES) return { rope, external: undefined, notes: [] };
    throw new UsageError(
      `the model takes ${gibibytes(rope)}, more than the 2 GiB that protobuf allows`,
      'write it to a file, so that its weights can become external data',
    );
  }

  const external = [...tensorsOfModel(model)].filter(staysExternal);
  const kept = new Set(external.filter((tensor) => !isElsewhere(tensor, target.folder)).map(fileOf));
  if (kept.has(target.name)) {
    throw new UsageError(`${target.name} holds data of the model and would be replaced`, 'choose another name');
  }
  const file = new ExternalFile(freeLocation(target.name, kept));
  const placements = new Map<Tensor, Placement>();
  for (const tensor of external) {
    if (isElsewhere(tensor, target.folder)) placements.set(tensor, await file.add(tensor));
  }
  let rope = writeModel(model, { placements });
  const notes: string[] = [];
  if (rope.byteLength > MAXIMUM_MESSAGE_BYTES) {
    notes.push(
      `the model would take ${gibibytes(rope)}, more than protobuf allows: its weights were written to ${file.location}`,
    );
    for (const tensor of tensorsOfModel(model)) {
      if (tensor.strings !== undefined || staysExternal(tensor)) continue;
      if (tensor.payload.byteLength >= SMALLEST_EXTERNAL_BYTES) placements.set(tensor, await file.add(tensor));
    }
    rope = writeModel(model, { placements });
  }
  if (file.rope.byteLength === 0) return { rope, external: undefined, notes };
  return { rope, external: { rope: file.rope, open: () => target.openExternal(file.location) }, notes };
}

function gibibytes(rope: Rope): string {
  return `${(rope.byteLength / 2 ** 30).toFixed(2)} GiB`;
}

function isElsewhere({ payload }: Tensor, folder: string): boolean {
  return payload instanceof ExternalPayload && payload.resolver?.folder !== folder;
}

/** The file in the model's folder that holds a tensor. */
function fileOf(tensor: Tensor): string {
  return (tensor.external?.location ?? '').replaceAll('\\', '/').replace(/^(\.\/+)+/, '');
}

/** `<name>.data`, or with a number when the model keeps data in a file of that name. */
function freeLocation(name: string, taken: ReadonlySet<string>): string {
  let location = `${name}.data`;
  for (let number = 1; taken.has(location); number++) location = `${name}.${number}.data`;
  return location;
}
