import { dataTypeInfo } from '../ir/data-type.ts';
import type { Model } from '../ir/model.ts';
import type { Tensor } from '../ir/tensor.ts';
import { tensorsOfModel } from '../serde/tensors-of-model.ts';
import { modelPieces } from '../text/print.ts';
import { MemorySource } from '../wire/byte-source.ts';
import { fieldCensus, isUnknownField } from '../wire/forms/field-census.ts';
import { textTooLong } from '../wire/forms/form.ts';
import type { MessageView } from '../wire/forms/message-view.ts';
import { loadModel } from './load.ts';

export interface OnnxText {
  /** In pieces. */
  readonly text: Iterable<string>;
  /** What the syntax cannot say. */
  readonly notes: readonly string[];
}

/** A model in the ONNX text syntax, nothing elided. `view` is one of `bytes`. */
export async function onnxTextOf(bytes: Uint8Array, view: MessageView): Promise<OnnxText> {
  const model = await loadModel(new MemorySource(bytes), { maximumResidentBytes: Infinity });
  const lost = new Map(fieldCensus(view, isLost));
  let payloads = 0;
  for (const tensor of tensorsOfModel(model)) {
    if (tensor.external !== undefined) continue;
    // One that is not in memory could not be read, and says so again.
    if (!tensor.isResident) await tensor.payload.read(0, tensor.byteLength);
    if (hasPayloadOfNaN(tensor)) payloads++;
  }
  if (payloads > 0) lost.set('the payload of NaNs in TensorProto', payloads);
  return { text: printed(model), notes: lossNotes(lost, 'the ONNX text syntax') };
}

/** `lost` counts what is not in the text. */
export function lossNotes(lost: ReadonlyMap<string, number>, form: string): readonly string[] {
  if (lost.size === 0) return [];
  const list = [...lost].map(([field, count]) => `${field} (${count})`).join(', ');
  return [`${form} has no place for ${list}; what was written lacks it`];
}

/** One tensor alone may be too much for a string. */
function* printed(model: Model): IterableIterator<string> {
  try {
    yield* modelPieces(model);
  } catch (error) {
    // V8's words for a string of more than 2^29 characters.
    if (error instanceof RangeError && error.message === 'Invalid string length') throw textTooLong(Infinity);
    throw error;
  }
}

/** What src/text/print.ts has no form for. */
function isLost(field: string): boolean {
  if (isUnknownField(field) || field === 'empty TypeProto') return true;
  const [message, name] = field.split('.').slice(-2);
  switch (name) {
    case 'denotation':
    case 'quantization_annotation':
    case 'device_configurations':
    case 'training_info':
    case 'segment':
      return true;
    case 'doc_string':
      return message !== 'ModelProto' && message !== 'FunctionProto';
    case 'metadata_props':
      return message !== 'ModelProto';
    default:
      return field === 'ModelProto.configuration';
  }
}

/** True when a NaN has other bits than the quiet one, sign apart: `nan` reads back as that one. */
function hasPayloadOfNaN(tensor: Tensor): boolean {
  const { bits, kind } = dataTypeInfo(tensor.dataType);
  const width = kind === 'complex' ? bits / 2 : bits;
  if ((kind !== 'float' && kind !== 'complex') || width < 32) return false;
  const { bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The upper half of a double says all but whether the lower half is zero.
  const [infinite, quiet] = width === 32 ? [0x7f800000, 0x7fc00000] : [0x7ff00000, 0x7ff80000];
  for (let at = 0; at < bytes.byteLength; at += width / 8) {
    const high = view.getUint32(at + width / 8 - 4, true) & 0x7fffffff;
    if (high < infinite) continue;
    const low = width === 32 ? 0 : view.getUint32(at, true);
    if (high === infinite && low === 0) continue;
    if (high !== quiet || low !== 0) return true;
  }
  return false;
}
