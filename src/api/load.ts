import { ModelError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import { InvalidModelError, refuses } from '../ir/problem.ts';
import { readModel, type ReadResult } from '../serde/read-model.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { DEFAULT_RESIDENT_BYTES } from '../wire/limits.ts';
import { NotOnnxError } from '../wire/not-onnx.ts';
import { walkModel } from '../wire/walk.ts';
import { openForm } from './open-form.ts';

export interface LoadOptions {
  /** Opens the files of external data. Without it, reading an external tensor is a ModelError. */
  readonly external?: ExternalResolver | undefined;
  /** Tensors up to this many bytes are in memory afterwards; default 64 KiB. Larger ones are read on demand. */
  readonly maximumResidentBytes?: number | undefined;
  /**
   * Hands out a model of which parts cannot be read, with what is wrong in `model.reading`: to be looked at by `checkModel`
   * and the like, never to be changed and written.
   */
  readonly tolerant?: boolean | undefined;
}

/**
 * Reads a model in any of its forms: binary, ONNX text, textproto or JSON, each perhaps compressed with gzip; the content
 * decides. Of a binary one the weights stay where they are. A model of which parts cannot be read is an InvalidModelError with
 * all of them. What cannot be read, or is no model, is a ModelError: NotOnnxError for another
 * format, LfsPointerError for a Git LFS pointer. A missing or broken file of external data is none: the ModelError comes
 * when such a tensor is read.
 */
export async function loadModel(source: ByteSource, options: LoadOptions = {}): Promise<Model> {
  const residentBytes = options.maximumResidentBytes ?? DEFAULT_RESIDENT_BYTES;
  const { binary } = await openForm(source);
  const { model, pending } = await readBinary(binary, source, residentBytes, options.external);
  const refusing = model.reading.problems.filter(refuses);
  if (refusing.length > 0 && options.tolerant !== true) throw new InvalidModelError(refusing, source.name);
  // A payload that cannot be read says so when it is asked for.
  for (const payload of pending) {
    try {
      await payload.preload();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return model;
}

async function readBinary(
  binary: ByteSource,
  source: ByteSource,
  residentBytes: number,
  external: ExternalResolver | undefined,
): Promise<ReadResult> {
  try {
    return readModel(await walkModel(binary, residentBytes), residentBytes, external);
  } catch (error) {
    if (binary === source || !(error instanceof ModelError)) throw error;
    // A byte offset in what was made of a text, or unpacked, helps nobody.
    const { offset: _, ...place } = error.place;
    throw error instanceof NotOnnxError ? error : new ModelError(error.message, place, error.hint);
  }
}
