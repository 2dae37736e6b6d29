import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { encodeMessage, onnx } from '../../src/wire/codec.ts';
import { type ForeignKind, LfsPointerError, NotOnnxError } from '../../src/wire/not-onnx.ts';
import { addModel, bytesOfModel, floatTensor } from '../support/protos.ts';

function refusal(bytes: Uint8Array): Promise<unknown> {
  return loadModel(new MemorySource(bytes, 'some.onnx')).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function latin(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** The end of a zip, as far as the names of its entries go. */
function zip(...names: string[]): Uint8Array {
  return latin(
    `PK\x03\x04\x00\x00\x08\x08${'\x00'.repeat(18)}${names.map((name) => `PK\x01\x02${name}`).join('')}PK\x05\x06`,
  );
}

const pointer =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 88200000\n';

const samples: readonly (readonly [ForeignKind, Uint8Array, RegExp])[] = [
  ['empty', new Uint8Array(0), /file is empty/],
  ['git-lfs-pointer', latin(pointer), /this is a Git LFS pointer of 88\.2 MB/],
  ['torchscript', zip('model/data.pkl', 'model/code/__torch__.py', 'model/constants.pkl'), /TorchScript/],
  ['pytorch', zip('archive/data.pkl', 'archive/data/0'), /PyTorch checkpoint/],
  ['zip', zip('model.onnx'), /zip archive/],
  ['pickle', latin('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'), /pickle/],
  ['html', latin('\n<!DOCTYPE html>\n<html><body>Not found</body></html>'), /HTML page/],
  ['xml', latin('<?xml version="1.0"?>\n<net name="model" version="11">'), /XML/],
  ['json', latin('{"name": "a-package", "version": "1.0.0"}'), /JSON, but not an ONNX model/],
  ['json', latin('[1, 2]'), /JSON, but not an ONNX model/],
  ['text', latin('7767517\n3 3\nInput data 0 1 data\n'), /text file/],
  ['tflite', latin('\x1c\x00\x00\x00TFL3\x14\x00 \x00'), /TensorFlow Lite/],
  ['ort-format', latin('\x28\x00\x00\x00ORTM\x00\x00'), /ORT format/],
  ['tensorrt-engine', latin('ptrt\xef\x00\x00\x00\x00\x00'), /TensorRT engine/],
  ['safetensors', latin('\x40\x00\x00\x00\x00\x00\x00\x00{"__metadata__":{"format":"pt"}}'), /safetensors/],
  ['gguf', latin('GGUF\x03\x00\x00\x00'), /GGUF/],
  ['hdf5', latin('\x89HDF\r\n\x1a\n\x00'), /HDF5/],
  ['numpy', latin('\x93NUMPY\x01\x00'), /NumPy/],
  ['utf-16', latin('\xff\xfei\x00r\x00_\x00'), /text in UTF-16/],
  ['saved-model', latin(`\x08\x01\x12\x8f\x03\x0a\x23\x12\x06${'v'.repeat(400)}`), /TensorFlow SavedModel/],
  ['tensorflow-graph', latin(`\x0a\x24\x0a\x05input\x12\x0bPlaceholder${'v'.repeat(20)}`), /TensorFlow graph/],
  ['compressed', latin('\x28\xb5\x2f\xfd\x04\x00'), /compressed/],
  ['graph', encodeMessage(onnx.GraphProto, addModel().graph ?? {}), /single ONNX graph/],
  ['tensor', encodeMessage(onnx.TensorProto, floatTensor('x', 5)), /single ONNX tensor/],
  ['unknown', latin('\xff\xff\xff\xff\xff not a valid protobuf'), /not an ONNX model/],
  ['unknown', latin('\x00\x01\x02\x03'), /not an ONNX model/],
  ['unknown', bytesOfModel({ irVersion: 8n, producerName: 'nobody' }), /not an ONNX model/],
  [
    'unknown',
    bytesOfModel({ irVersion: 8n, trainingInfo: [{ algorithm: { name: 'no main graph' } }] }),
    /not an ONNX model/,
  ],
];

describe('files that are something else', () => {
  test.each(samples)('%s', async (kind, bytes, message) => {
    const error = await refusal(bytes);
    expect(error).toBeInstanceOf(NotOnnxError);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ kind, place: { file: 'some.onnx' }, message: expect.stringMatching(message) });
    expect((error as ModelError).hint).not.toBe('');
    expect((error as ModelError).message).not.toContain('\n');
  });

  test('a Git LFS pointer says how large the file is, for a hook to skip it', async () => {
    const error = await refusal(latin(pointer));
    expect(error).toBeInstanceOf(LfsPointerError);
    expect(error).toMatchObject({ byteLength: 88200000, hint: "run 'git lfs pull'" });
  });

  test('HTML stays HTML under the name of a text form', async () => {
    const source = new MemorySource(latin('<html>\n<body>Not found</body>'), 'model.pbtxt');
    await expect(loadModel(source)).rejects.toMatchObject({ kind: 'html' });
  });

  test('external data that is a Git LFS pointer is called by its name', async () => {
    const weights = { name: 'w', dims: [2n], dataType: 1, dataLocation: 1 };
    const external = addModel();
    external.graph = {
      ...external.graph,
      initializer: [{ ...weights, externalData: [{ key: 'location', value: 'weights.bin' }] }],
    };
    const model = await loadModel(new MemorySource(bytesOfModel(external), 'some.onnx'), {
      external: { folder: '/', open: async () => new MemorySource(latin(pointer), 'weights.bin') },
    });
    const [tensor] = tensorsOfModel(model);
    await expect(tensor?.payload.read(0, 8)).rejects.toMatchObject({
      name: 'LfsPointerError',
      message: "the external data 'weights.bin' is a Git LFS pointer of 88.2 MB, not the data",
      hint: "run 'git lfs pull'",
    });
  });

  test('a model is none of them, whichever field comes first', async () => {
    const { graph, opsetImport } = addModel();
    const first = bytesOfModel({ graph: graph ?? null });
    const rest = bytesOfModel({ opsetImport: opsetImport ?? [], irVersion: 8n });
    expect(await refusal(Buffer.concat([first, rest]))).toBeUndefined();
    expect(await refusal(Buffer.concat([rest, first]))).toBeUndefined();
  });
});
