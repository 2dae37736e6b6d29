import { UsageError } from '../base/errors.ts';
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
  /**
   * The folder that the model will lie in, as `ExternalResolver.folder` names it. External data of that folder stays
   * as it is; all other is gathered into `externalFile`. Left out, every reference stays as it is.
   */
  readonly folder?: string;
  /** The file for external data beside the model: its location as the model will write it, and how to open it. */
  readonly externalFile?: { readonly location: string; open(): Promise<ByteSink> };
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
 * UsageError when external data would have to be written and `externalFile` is missing; ModelError when data that the
 * model refers to cannot be read. On an error the sinks hold part of the output.
 */
export async function saveModel(model: Model, sink: ByteSink, options: SaveOptions = {}): Promise<SaveResult> {
  const plan = await planSave(model, options);
  if (plan.external !== undefined && options.externalFile !== undefined) {
    const externalSink = await options.externalFile.open();
    await plan.external.rope.writeTo(externalSink);
  }
  await plan.rope.writeTo(sink);
  return {
    byteLength: plan.rope.byteLength,
    externalByteLength: plan.external?.rope.byteLength,
    notes: plan.notes,
  };
}

/** The bytes of a model whose weights fit into memory. */
export async function modelToBytes(model: Model): Promise<Uint8Array> {
  const sink = new MemorySink();
  await saveModel(model, sink);
  return sink.bytes;
}

interface SavePlan {
  readonly rope: Rope;
  readonly external: ExternalFile | undefined;
  readonly notes: readonly string[];
}

async function planSave(model: Model, options: SaveOptions): Promise<SavePlan> {
  const { folder, externalFile } = options;
  const moves = folder === undefined ? [] : [...tensorsOfModel(model)].filter((tensor) => isElsewhere(tensor, folder));
  if (moves.length > 0 && externalFile === undefined) {
    throw new UsageError('the model has external data, which must be written beside it');
  }
  const external = externalFile && new ExternalFile(externalFile.location);
  const placements = new Map<Tensor, Placement>();
  if (external !== undefined) for (const tensor of moves) placements.set(tensor, await external.add(tensor));

  let rope = writeModel(model, { placements });
  const notes: string[] = [];
  if (rope.byteLength > MAXIMUM_MESSAGE_BYTES) {
    const size = `${(rope.byteLength / 2 ** 30).toFixed(2)} GiB`;
    if (external === undefined) {
      throw new UsageError(
        `the model takes ${size}, more than the 2 GiB that protobuf allows`,
        'write it to a file, so that its weights can become external data',
      );
    }
    for (const tensor of tensorsOfModel(model)) {
      if (placements.has(tensor) || tensor.strings !== undefined || staysExternal(tensor)) continue;
      if (tensor.payload.byteLength >= SMALLEST_EXTERNAL_BYTES) placements.set(tensor, await external.add(tensor));
    }
    rope = writeModel(model, { placements });
    notes.push(
      `the model would take ${size}, more than protobuf allows; its weights were written to ${external.location}`,
    );
  }
  return { rope, external: external !== undefined && external.rope.byteLength > 0 ? external : undefined, notes };
}

function isElsewhere(tensor: Tensor, folder: string): boolean {
  const { payload } = tensor;
  return payload instanceof ExternalPayload && staysExternal(tensor) && payload.resolver?.folder !== folder;
}
