import { ModelError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { FieldCursor, LENGTH_DELIMITED, VARINT } from './fields.ts';
import { formOfName, type ModelFormat, textFormatOf } from './forms/form.ts';

/** What a file is that is not an ONNX model in any form. */
export type ForeignKind =
  | 'empty'
  | 'git-lfs-pointer'
  | 'torchscript'
  | 'pytorch'
  | 'pickle'
  | 'zip'
  | 'html'
  | 'xml'
  | 'json'
  | 'text'
  | 'utf-16'
  | 'tflite'
  | 'ort-format'
  | 'tensorrt-engine'
  | 'safetensors'
  | 'gguf'
  | 'hdf5'
  | 'numpy'
  | 'compressed'
  | 'tensor'
  | 'graph'
  | 'saved-model'
  | 'tensorflow-graph'
  | 'unknown';

const messages: Readonly<Record<ForeignKind, readonly [message: string, hint: string]>> = {
  empty: ['the file is empty', 'the export or download did not finish'],
  'git-lfs-pointer': ['this is a Git LFS pointer, not the model', "run 'git lfs pull'"],
  torchscript: ['this is a TorchScript archive, not an ONNX model', 'export it with torch.onnx.export'],
  pytorch: ['this is a PyTorch checkpoint, not an ONNX model', 'load it into its model and call torch.onnx.export'],
  pickle: ['this is a Python pickle (an old PyTorch checkpoint?), not an ONNX model', 'export with torch.onnx.export'],
  zip: ['this is a zip archive, not an ONNX model', 'unpack it first'],
  html: ['this is an HTML page, not a model', 'the download link led to a web page; use the link of the raw file'],
  xml: ['this is XML (an OpenVINO model?), not an ONNX model', 'use the ONNX file it was made from'],
  json: ['this is JSON, but not an ONNX model', 'ONNX JSON begins with a field of ModelProto, such as "ir_version"'],
  text: ['this is a text file, not an ONNX model', 'check the path'],
  'utf-16': ['this is text in UTF-16', 'save it as UTF-8'],
  tflite: ['this is a TensorFlow Lite model, not an ONNX model', 'convert it with tf2onnx --tflite'],
  'ort-format': ['this is a model in the ORT format, not in the ONNX format', 'use the ONNX file it was made from'],
  'tensorrt-engine': ['this is a built TensorRT engine, not an ONNX model', 'use the ONNX file it was built from'],
  safetensors: ['this is a safetensors file: weights without a graph', 'export the model with torch.onnx.export'],
  gguf: ['this is a GGUF file, not an ONNX model', 'export the original model to ONNX'],
  hdf5: ['this is an HDF5 file (a Keras model?), not an ONNX model', 'convert it with tf2onnx'],
  numpy: ['this is a NumPy array, not an ONNX model', 'check the path'],
  compressed: ['this file is compressed (xz, bzip2 or zstd)', 'unpack it first'],
  tensor: ['this is a single ONNX tensor (a TensorProto), not a model', 'check the path'],
  graph: ['this is a single ONNX graph (a GraphProto), not a model', 'make a model of it: onnx.helper.make_model'],
  'saved-model': [
    'this is a TensorFlow SavedModel, not an ONNX model',
    'convert its folder with tf2onnx --saved-model',
  ],
  'tensorflow-graph': ['this is a TensorFlow graph, not an ONNX model', 'convert it with tf2onnx --graphdef'],
  unknown: ['this is not an ONNX model', 'check the path, or whether the file was damaged'],
};

/** A file that is something else than an ONNX model. */
export class NotOnnxError extends ModelError {
  override name = 'NotOnnxError';
  readonly kind: ForeignKind;

  constructor(kind: ForeignKind, file: string, message = messages[kind][0]) {
    super(message, { file }, messages[kind][1]);
    this.kind = kind;
  }
}

/** A pointer that Git LFS left in place of the file; a hook may skip it. */
export class LfsPointerError extends NotOnnxError {
  override name = 'LfsPointerError';
  /** Size of the real file in bytes, when the pointer says it. */
  readonly byteLength: number | undefined;

  /** `location` is given for a file of external data. */
  constructor(file: string, byteLength: number | undefined, location?: string) {
    const size = byteLength === undefined ? '' : ` of ${(byteLength / 1e6).toFixed(1)} MB`;
    const [what, instead] = location === undefined ? ['this', 'model'] : [`the external data '${location}'`, 'data'];
    super('git-lfs-pointer', file, `${what} is a Git LFS pointer${size}, not the ${instead}`);
    this.byteLength = byteLength;
  }
}

const HEAD_BYTES = 512;
/** A text may begin with a long comment, such as a license. */
const TEXT_HEAD_BYTES = 64 * 1024;
/** The end of a zip names its entries; an archive of some hundred tensors fits. */
const ZIP_TAIL_BYTES = 64 * 1024;
/** A pointer of Git LFS has some 130 bytes; its specification allows less than 1024. */
const MAXIMUM_POINTER_BYTES = 1024;

/** The form of a model, by the first bytes and, where these could be any text, by the name. NotOnnxError for another format. */
export async function recognize(source: ByteSource): Promise<ModelFormat | 'gzip'> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.byteLength));
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const kind = foreignKindOf(head);
  if (kind === 'git-lfs-pointer') throw pointerError(source.name, head);
  if (kind === 'zip') throw new NotOnnxError(await zipKind(source), source.name);
  if (kind !== undefined) throw new NotOnnxError(kind, source.name);
  if (!isText(head)) return 'binary';
  const longHead = await source.read(0, Math.min(TEXT_HEAD_BYTES, source.byteLength));
  const text = new TextDecoder().decode(longHead);
  const format = textFormatOf(text);
  if (format !== undefined) return format;
  const named = formOfName(source.name).format;
  const textKind = textKindOf(text);
  // The reader of that format will say what is wrong with it.
  if (textKind === 'text' && named !== undefined && named !== 'binary') return named;
  throw new NotOnnxError(textKind, source.name);
}

/** LfsPointerError when a file of external data is what Git LFS leaves in its place. */
export async function refusePointer(source: ByteSource, location: string): Promise<void> {
  if (source.byteLength === 0 || source.byteLength > MAXIMUM_POINTER_BYTES) return;
  const head = await source.read(0, source.byteLength);
  if (foreignKindOf(head) === 'git-lfs-pointer') throw pointerError(source.name, head, location);
}

function pointerError(file: string, head: Uint8Array, location?: string): LfsPointerError {
  const size = /^size (\d+)$/m.exec(latin1(head))?.[1];
  return new LfsPointerError(file, size === undefined ? undefined : Number(size), location);
}

const magics: readonly (readonly [kind: ForeignKind, offset: number, magic: string])[] = [
  ['git-lfs-pointer', 0, 'version https://git-lfs'],
  ['zip', 0, 'PK\x03\x04'],
  ['tflite', 4, 'TFL3'],
  ['ort-format', 4, 'ORTM'],
  // Seen at the head of serialized engines ("ptrt"; older builds "ftrt").
  ['tensorrt-engine', 0, 'ptrt'],
  ['tensorrt-engine', 0, 'ftrt'],
  ['gguf', 0, 'GGUF'],
  ['hdf5', 0, '\x89HDF\r\n'],
  ['numpy', 0, '\x93NUMPY'],
  ['compressed', 0, '\xfd7zXZ\x00'],
  ['compressed', 0, 'BZh'],
  ['compressed', 0, '\x28\xb5\x2f\xfd'],
];

function foreignKindOf(head: Uint8Array): ForeignKind | undefined {
  if (head.byteLength === 0) return 'empty';
  const text = latin1(head);
  for (const [kind, offset, magic] of magics) if (text.startsWith(magic, offset)) return kind;
  // Pickle protocols 2 to 5; as a protobuf tag 0x80 0x02..0x05 would be an unknown field with wire type 0.
  if (/^\x80[\x02-\x05][\x28-\x95]/.test(text)) return 'pickle';
  if (head.byteLength > 9 && text[8] === '{' && new DataView(head.buffer, head.byteOffset).getUint32(4, true) === 0) {
    return 'safetensors';
  }
  return /^(?:\xff\xfe[\t\n\r -~]\0|\xfe\xff\0[\t\n\r -~])/.test(text) ? 'utf-16' : undefined;
}

/** UTF-8 without control characters: among the first bytes of a model there always are some. */
function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13)) && isUtf8(head);
}

/** What a text is that is no model. */
function textKindOf(text: string): ForeignKind {
  const start = text.trimStart().toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html') || start.startsWith('<head')) return 'html';
  if (start.startsWith('<?xml') || start.startsWith('<net')) return 'xml';
  if (start.startsWith('{') || start.startsWith('[')) return 'json';
  return 'text';
}

/** True for UTF-8 whose last character may be cut off. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The error for a file that is none of the formats known by their first bytes, and no model either. */
export async function notOnnx(source: ByteSource): Promise<NotOnnxError> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.byteLength));
  return new NotOnnxError(looksLikeTensor(head) ? 'tensor' : (otherMessageOf(head) ?? 'unknown'), source.name);
}

/**
 * SavedModel begins with saved_model_schema_version, the varint 1, and its first meta_graphs, a message that begins with a
 * message; GraphDef and GraphProto with a node, a message that begins with a string.
 */
function otherMessageOf(head: Uint8Array): ForeignKind | undefined {
  const cursor = new FieldCursor(head);
  const enter = (at: number, number: number): boolean => {
    cursor.read(at, head.byteLength);
    return cursor.number === number && cursor.wireType === LENGTH_DELIMITED;
  };
  try {
    if (head[0] === 0x08 && head[1] === 1)
      return enter(2, 2) && enter(cursor.valueStart, 1) ? 'saved-model' : undefined;
    if (!enter(0, 1)) return undefined;
    const end = Math.min(cursor.valueStart + cursor.length, head.byteLength);
    if (!enter(cursor.valueStart, 1)) return undefined;
    // Field 4 is the op_type of an ONNX node, and the device of a TensorFlow node, a path if anything.
    for (let at = cursor.valueStart + cursor.length; at < end; at = cursor.valueStart + cursor.length) {
      if (enter(at, 4) && /^\w+$/.test(latin1(head.subarray(cursor.valueStart, cursor.valueStart + cursor.length))))
        return 'graph';
      if (cursor.wireType !== LENGTH_DELIMITED) break;
    }
    return 'tensorflow-graph';
  } catch {
    return undefined;
  }
}

/** TensorProto begins with its dims and its data type: varints of fields 1 and 2. In a model field 2 is a string. */
function looksLikeTensor(head: Uint8Array): boolean {
  const cursor = new FieldCursor(head);
  try {
    for (let at = 0; ;) {
      cursor.read(at, head.byteLength);
      if (cursor.wireType !== VARINT || cursor.number > 2) return false;
      if (cursor.number === 2) return dataTypeCodes.has(head[cursor.valueStart] ?? 0);
      at = cursor.skip(head.byteLength);
    }
  } catch {
    return false;
  }
}

/** TensorProto.DataType without UNDEFINED. */
const dataTypeCodes: ReadonlySet<number> = new Set(Array.from({ length: 28 }, (_, index) => index + 1));

async function zipKind(source: ByteSource): Promise<ForeignKind> {
  const length = Math.min(ZIP_TAIL_BYTES, source.byteLength);
  const tail = latin1(await source.read(source.byteLength - length, length));
  if (tail.includes('/code/') || tail.includes('constants.pkl')) return 'torchscript';
  return tail.includes('data.pkl') ? 'pytorch' : 'zip';
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}
