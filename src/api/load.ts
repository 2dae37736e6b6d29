import { ModelError } from '../base/errors.ts';
import { checkStructure } from '../check/check-model.ts';
import type { Model } from '../ir/model.ts';
import { InvalidModelError, refuses } from '../ir/problem.ts';
import { readModel } from '../serde/read-model.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { DEFAULT_RESIDENT_BYTES } from '../wire/limits.ts';
import { refuseForeign } from '../wire/not-onnx.ts';
import { walkModel } from '../wire/walk.ts';

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
 * Reads a model without its weights. A model of which parts cannot be read is an InvalidModelError with all of them. What cannot be read, or is no model, is a ModelError: NotOnnxError for another
 * format, LfsPointerError for a Git LFS pointer. A missing or broken file of external data is none: the ModelError comes
 * when such a tensor is read.
 */
export async function loadModel(source: ByteSource, options: LoadOptions = {}): Promise<Model> {
  const residentBytes = options.maximumResidentBytes ?? DEFAULT_RESIDENT_BYTES;
  await refuseForeign(source);
  const skeleton = await walkModel(source, residentBytes);
  const { model, pending } = readModel(skeleton, residentBytes, options.external);
  if (options.tolerant !== true && model.reading.problems.some(refuses))
    throw new InvalidModelError(checkStructure(model).filter(refuses), source.name);
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
