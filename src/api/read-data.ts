/** Values of inputs out of files: arrays of numpy (.npy, .npz) and tensors as ONNX test data has them (.pb). */
import { ModelError, UsageError } from '../base/errors.ts';
import { readArray } from '../fold/deferred.ts';
import type { NDArray } from '../fold/array.ts';
import type { Model } from '../ir/model.ts';
import { requiredInputs } from '../verify/interface.ts';
import { isNpy, readNpy } from '../verify/npy.ts';
import { MemorySource } from '../wire/byte-source.ts';
import { isZip, openZip } from '../wire/zip.ts';
import { loadModel } from './load.ts';

export interface DataEntry {
  /** The input that it says it is for; '' when it says none. */
  readonly name: string;
  /** The file it comes from. */
  readonly file: string;
  readonly value: NDArray;
}

/**
 * What a file holds; its content says what it is. An archive (.npz) has a name for each array, a tensor may have one, an array
 * (.npy) has none. ModelError when it is none of them, or damaged.
 */
export async function readData(bytes: Uint8Array, file: string): Promise<DataEntry[]> {
  if (isNpy(bytes)) return [{ name: '', file, value: readNpy(bytes, file) }];
  if (isZip(bytes)) {
    const arrays = openZip(bytes, file).filter(({ name }) => name.endsWith('.npy'));
    if (arrays.length === 0) throw new ModelError('the archive holds no arrays of numpy', { file });
    const entries: DataEntry[] = [];
    for (const { name, read } of arrays) {
      const own = name.slice(0, -'.npy'.length);
      entries.push({ name: own, file, value: readNpy(await read(), `${file}: ${own}`) });
    }
    return entries;
  }
  return [{ ...(await readTensor(bytes, file)), file }];
}

/**
 * The values by the names of the model's inputs. An entry without a fitting name goes to the input of its number, where the file is
 * called `input_0.pb` and so on, or to the only input. UsageError where that is not clear, or an input is given twice.
 */
export function dataFor(model: Model, entries: readonly DataEntry[]): Map<string, NDArray> {
  const required = requiredInputs(model).map(({ name }) => name);
  const names = new Set(model.graph.inputs.map(({ name }) => name));
  const values = new Map<string, NDArray>();
  for (const { name, file, value } of entries) {
    const number = /(?:^|[\\/])input_(\d+)\.pb$/.exec(file)?.[1];
    const input = names.has(name)
      ? name
      : number !== undefined
        ? required[Number(number)]
        : name === '' && required.length === 1
          ? required[0]
          : undefined;
    if (input === undefined)
      throw new UsageError(
        name === ''
          ? `${file} does not say which input it is for`
          : `${file} gives '${name}', which is no input of the model`,
        `its inputs are ${required.map((own) => `'${own}'`).join(', ')}; NAME=FILE gives a file to one`,
      );
    if (values.has(input)) throw new UsageError(`${file} gives input '${input}' a second time`);
    values.set(input, value);
  }
  return values;
}

/** TensorProto.name, and a name that the reader takes when there is none. */
const NAME_FIELD = 8;
const NO_NAME = 'unnamed';

/** A TensorProto, read as the only initializer of a model, so that all forms and checks of tensors are those of models. */
async function readTensor(
  bytes: Uint8Array,
  file: string,
): Promise<{ readonly name: string; readonly value: NDArray }> {
  const named = joined([lengthDelimited(NAME_FIELD, new TextEncoder().encode(NO_NAME)), bytes]);
  // ModelProto: ir_version 10, graph { initializer }.
  const model = joined([Uint8Array.of(0x08, 10), lengthDelimited(7, lengthDelimited(5, named))]);
  try {
    const { graph } = await loadModel(new MemorySource(model, file), { maximumResidentBytes: bytes.byteLength });
    const [initializer] = graph.initializers;
    if (initializer?.initializer === undefined) throw new ModelError('there is no tensor in it');
    // Of a field that occurs twice the last one counts.
    const name = initializer.name === NO_NAME ? '' : initializer.name;
    return { name, value: await readArray(initializer.initializer) };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(
      'it is no data that can be read',
      { file },
      'values are read as .npy, .npz, or a TensorProto (.pb) as ONNX test data has them',
    );
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.byteLength;
  }
  return result;
}

function lengthDelimited(field: number, bytes: Uint8Array): Uint8Array {
  const head = [field * 8 + 2];
  let length = bytes.byteLength;
  for (; length >= 0x80; length = Math.floor(length / 128)) head.push((length % 128) | 0x80);
  return joined([Uint8Array.from([...head, length]), bytes]);
}
