import { ModelError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { FieldCursor, VARINT } from './fields.ts';

/** What a file is that is not an ONNX model in the binary format. */
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
  | 'onnx-text'
  | 'text-proto'
  | 'text'
  | 'tflite'
  | 'ort-format'
  | 'tensorrt-engine'
  | 'safetensors'
  | 'gguf'
  | 'hdf5'
  | 'numpy'
  | 'gzip'
  | 'compressed'
  | 'tensor'
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
  json: ['this is JSON, not an ONNX model in the binary format', 'convert it with onnx.save first'],
  'onnx-text': [
    'this is a model in the ONNX text syntax, not in the binary format',
    'convert it with onnx.parser first',
  ],
  'text-proto': [
    'this is a model in protobuf text format, not in the binary format',
    'convert it with onnx.save first',
  ],
  text: ['this is a text file, not an ONNX model', 'check the path'],
  tflite: ['this is a TensorFlow Lite model, not an ONNX model', 'convert it with tf2onnx --tflite'],
  'ort-format': ['this is a model in the ORT format, not in the ONNX format', 'use the ONNX file it was made from'],
  'tensorrt-engine': ['this is a built TensorRT engine, not an ONNX model', 'use the ONNX file it was built from'],
  safetensors: ['this is a safetensors file: weights without a graph', 'export the model with torch.onnx.export'],
  gguf: ['this is a GGUF file, not an ONNX model', 'export the original model to ONNX'],
  hdf5: ['this is an HDF5 file (a Keras model?), not an ONNX model', 'convert it with tf2onnx'],
  numpy: ['this is a NumPy array, not an ONNX model', 'check the path'],
  gzip: ['this file is compressed with gzip', 'unpack it first: gunzip'],
  compressed: ['this file is compressed (xz, bzip2 or zstd)', 'unpack it first'],
  tensor: ['this is a single ONNX tensor (a TensorProto), not a model', 'check the path'],
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

  constructor(file: string, byteLength: number | undefined) {
    const size = byteLength === undefined ? '' : ` of ${(byteLength / 1e6).toFixed(1)} MB`;
    super('git-lfs-pointer', file, `this is a Git LFS pointer${size}, not the model`);
    this.byteLength = byteLength;
  }
}

const HEAD_BYTES = 512;
/** The end of a zip names its entries; an archive of some hundred tensors fits. */
const ZIP_TAIL_BYTES = 64 * 1024;

/** Throws NotOnnxError when the first bytes are those of another format. */
export async function refuseForeign(source: ByteSource): Promise<void> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.byteLength));
  const kind = foreignKindOf(head);
  if (kind === undefined) return;
  if (kind === 'git-lfs-pointer') {
    const size = /^size (\d+)$/m.exec(latin1(head))?.[1];
    throw new LfsPointerError(source.name, size === undefined ? undefined : Number(size));
  }
  if (kind === 'zip') throw new NotOnnxError(await zipKind(source), source.name);
  throw new NotOnnxError(kind, source.name);
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
  ['gzip', 0, '\x1f\x8b'],
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
  return textKindOf(head, text);
}

/** Text only when it is UTF-8 without control characters: among the first bytes of a model there always are some. */
function textKindOf(head: Uint8Array, text: string): ForeignKind | undefined {
  if (!head.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13)) || !isUtf8(head)) return undefined;
  const start = text
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html') || start.startsWith('<head')) return 'html';
  if (start.startsWith('<?xml') || start.startsWith('<net')) return 'xml';
  if (start.startsWith('{') || start.startsWith('[')) return 'json';
  if (/^<\s*ir_version\s*:/.test(start)) return 'onnx-text';
  if (/^(#.*\n\s*)*(ir_version\s*:|producer_name\s*:|graph\s*\{)/.test(start)) return 'text-proto';
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
  return new NotOnnxError(looksLikeTensor(head) ? 'tensor' : 'unknown', source.name);
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
