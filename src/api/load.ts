import { ModelError, type Place } from '../base/errors.ts';
import { checkStructure } from '../check/check-model.ts';
import type { Model } from '../ir/model.ts';
import { InvalidModelError, refuses } from '../ir/problem.ts';
import { readModel, type ReadResult } from '../serde/read-model.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { DEFAULT_RESIDENT_BYTES, MAXIMUM_PRELOADED_BYTES } from '../wire/limits.ts';
import { NotOnnxError } from '../wire/not-onnx.ts';
import { walkModel } from '../wire/walk.ts';
import { externalProblems } from './external-problems.ts';
import { openForm } from './open-form.ts';

/** When so many small payloads cannot be read, there is no reason to try the rest. */
const MAXIMUM_FAILED_READS = 1000;

export interface LoadOptions {
  /** Opens the files of external data. Without it, reading an external tensor is a ModelError. */
  readonly external?: ExternalResolver | undefined;
  /**
   * Tensors up to this many bytes are in memory afterwards; default 64 KiB, and less where all of them together take more
   * than 64 MiB. Larger ones are read on demand.
   */
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
 * all of them. What cannot be read, or is no model, is a ModelError: NotOnnxError for another format, LfsPointerError for a
 * Git LFS pointer. A missing or broken file of external data is a warning in `model.reading`, unless the resolver
 * is remote; the ModelError comes when such a tensor is read.
 */
export async function loadModel(source: ByteSource, options: LoadOptions = {}): Promise<Model> {
  const residentBytes = options.maximumResidentBytes ?? DEFAULT_RESIDENT_BYTES;
  const { binary } = await openForm(source);
  const { model, pending, externals } = await readBinary(binary, source, residentBytes, options.external);
  if (options.tolerant !== true && model.reading.problems.some(refuses))
    throw new InvalidModelError(checkStructure(model).filter(refuses), source.name);
  // What goes beyond the budget stays in its file. A payload that cannot be read says so when it is asked for.
  let bytes = 0;
  let failures = 0;
  for (const payload of pending) {
    bytes += payload.byteLength;
    if (bytes > MAXIMUM_PRELOADED_BYTES || failures > MAXIMUM_FAILED_READS) break;
    try {
      await payload.preload();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      failures++;
    }
  }
  if (options.external !== undefined && options.external.isRemote !== true && externals.length > 0) {
    const problems = [...model.reading.problems, ...(await externalProblems(externals))];
    model.reading = { ...model.reading, problems };
  }
  return model;
}

/** `binary` is the source, or what was made of it; a byte offset in that helps nobody. */
async function readBinary(
  binary: ByteSource,
  source: ByteSource,
  residentBytes: number,
  external: ExternalResolver | undefined,
): Promise<ReadResult> {
  if (binary === source) return readModel(await walkModel(source, residentBytes), external);
  try {
    const result = readModel(await walkModel(binary, residentBytes), external);
    const { model } = result;
    const problems = model.reading.problems.map((problem) => ({ ...problem, place: withoutOffset(problem.place) }));
    model.reading = { ...model.reading, problems };
    return result;
  } catch (error) {
    if (!(error instanceof ModelError) || error instanceof NotOnnxError) throw error;
    throw new ModelError(error.message, withoutOffset(error.place), error.hint);
  }
}

function withoutOffset<AnyPlace extends Place>(place: AnyPlace): Omit<AnyPlace, 'offset'> {
  const { offset: _, ...others } = place;
  return others;
}
