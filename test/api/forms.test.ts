import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { openForm } from '../../src/api/open-form.ts';
import { modelToBytes } from '../../src/api/save.ts';
import type { Model } from '../../src/ir/model.ts';
import { sameModel } from '../../src/text/compare.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { encodeMessage, type ModelProto, onnx } from '../../src/wire/codec.ts';
import { formOfName, withoutFormExtension } from '../../src/wire/forms/form.ts';
import { addModel, bytesOfModel, modelOf, valueInfo } from '../support/protos.ts';
import { writtenAs } from '../support/forms.ts';

const samples = resolve(import.meta.dirname, '../../samples');
const everything = { maximumResidentBytes: Infinity };

async function onnxText(model: ModelProto): Promise<{ text: string; notes: readonly string[] }> {
  return writtenAs(encodeMessage(onnx.ModelProto, model), 'onnxtxt');
}

function load(content: Uint8Array | string, name = 'model'): Promise<Model> {
  return loadModel(new MemorySource(Buffer.from(content), name), everything);
}

describe('the form of a file', () => {
  const license = `# ${'A license that is long. '.repeat(100)}\n`;

  test.each([
    ['binary', bytesOfModel(addModel())],
    ['onnxtxt', '<ir_version: 8, opset_import: ["": 17]> g (float[2] x) => (float[2] y) { y = Neg (x) }'],
    ['onnxtxt', '<\n  opset_import: ["": 17]\n>\ng (float[2] x) => (float[2] y) { y = Neg (x) }'],
    ['onnxtxt', `${license}g (float[2] x) => (float[2] y) { y = Neg (x) }`],
    ['onnxtxt', '"my graph" (float[2] x)\n=> (float[2] y) { y = Neg (x) }'],
    ['textproto', `${license}graph { name: "g" }`],
    ['textproto', 'graph <name: "g">'],
    ['textproto', 'opset_import { version: 17 } graph { }'],
    ['textproto', '\ufeffir_version: 8 graph { }'],
    ['json', '{"opset_import": [], "graph": {}}'],
    ['json', ' {\n  "irVersion": "8", "graph": {}\n}'],
  ] as const)('is %s by its content', async (format, content) => {
    const { form } = await openForm(new MemorySource(Buffer.from(content), 'anything.onnx'));
    expect(form).toEqual({ format, isGzip: false });
  });

  test('is taken from the name for a text that could be anything, whose reader says what is wrong', async () => {
    await expect(load('nodes { }', 'a.pbtxt')).rejects.toMatchObject({
      message: "line 1, column 1: ModelProto has no field 'nodes'",
      place: { file: 'a.pbtxt' },
    });
    await expect(load('my model', 'a.onnxtxt')).rejects.toMatchObject({ message: /^line 1, column 4: expected '\('/ });
    await expect(load('my model', 'a.onnx')).rejects.toMatchObject({ kind: 'text' });
  });

  test('a text without a graph is no model', async () => {
    await expect(load('ir_version: 8')).rejects.toMatchObject({ kind: 'unknown' });
    await expect(load('{"irVersion": 8}')).rejects.toMatchObject({ kind: 'unknown' });
  });

  test('what is wrong in the model a text says has no byte offset, which would be of no text', async () => {
    const text = 'ir_version: 8 graph { initializer { name: "w" dims: -5 data_type: 1 } }';
    const error: unknown = await load(text).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ place: expect.not.objectContaining({ offset: expect.anything() }) });
  });

  test('names say a format by their extension', () => {
    expect(formOfName('a.onnx')).toEqual({ format: 'binary', isGzip: false });
    expect(formOfName('dir.json/a.PBTXT.gz')).toEqual({ format: 'textproto', isGzip: true });
    expect(formOfName('dir.json/a')).toEqual({ format: undefined, isGzip: false });
    expect(withoutFormExtension('a/net.v2.onnxtxt.gz')).toBe('a/net.v2');
    expect(withoutFormExtension('net.v2')).toBe('net.v2');
  });
});

describe('the ONNX text', () => {
  test.each(readdirSync(samples).filter((name) => name.endsWith('.onnx')))(
    'of %s is the model again',
    async (name) => {
      const bytes = readFileSync(join(samples, name));
      const { text } = await writtenAs(bytes, 'onnxtxt');
      expect(text).not.toContain('...');
      expect(sameModel(await load(bytes), await load(text), { names: true })).toBeUndefined();
    },
    60_000,
  );

  test('is read as the onnx package prints it', async () => {
    const theirs = readFileSync(resolve(import.meta.dirname, '../wire/forms/fixtures/loop_if_script.onnxtxt'));
    const model = await load(readFileSync(join(samples, 'loop_if_script.onnx')));
    expect(sameModel(model, await load(theirs), { names: true })).toBeUndefined();
  });

  test('holds all of a model whose parts it can say, and then has no note', async () => {
    const { notes, text } = await onnxText({
      ...addModel(),
      docString: 'a model',
      metadataProps: [{ key: 'a', value: 'b' }],
    });
    expect(notes).toEqual([]);
    expect(text).toContain('doc_string: "a model"');
    expect(text).toContain('metadata_props: ["a": "b"]');
  });

  test('says what it has no place for', async () => {
    const { graph } = addModel();
    const model = modelOf(
      {
        ...graph,
        docString: 'lost',
        node: (graph?.node ?? []).map((node) => ({ ...node, metadataProps: [{ key: 'a', value: 'b' }] })),
        input: [{ ...valueInfo('x'), docString: 'lost', type: { ...valueInfo('x').type, denotation: 'IMAGE' } }],
        quantizationAnnotation: [{ tensorName: 'x' }],
      },
      { configuration: [{ name: 'two' }] },
    );
    expect((await onnxText(model)).notes).toEqual([
      expect.stringMatching(/^the ONNX text syntax has no place for .*; what was written lacks it$/),
    ]);
    const [note] = (await onnxText(model)).notes;
    for (const field of [
      'GraphProto.doc_string (1)',
      'NodeProto.metadata_props (1)',
      'ValueInfoProto.doc_string (1)',
      'TypeProto.denotation (1)',
      'GraphProto.quantization_annotation (1)',
      'ModelProto.configuration (1)',
    ])
      expect(note).toContain(field);
  });

  test.each([
    ['float', 1, [0x7fa00001, 0x7fc00000], true],
    ['float', 1, [0x7fc00000, 0xffc00000, 0x7f800000, 0xff800000], false],
    ['double', 11, [1, 0x7ff80000], true],
    ['double', 11, [0, 0x7ff80000, 0, 0x7ff00000, 0xffffffff, 0x7fefffff], false],
    ['complex64', 14, [0, 0x7fc00002], true],
    ['int32', 6, [0x7fa00001], false],
  ])('tells of NaNs in %s that it cannot say', async (_, dataType, words, isLost) => {
    const rawData = new Uint8Array(Uint32Array.from(words).buffer);
    const count = dataType === 1 || dataType === 6 ? words.length : words.length / 2;
    const { graph } = addModel();
    const initializer = [...(graph?.initializer ?? []), { name: 'nans', dims: [BigInt(count)], dataType, rawData }];
    const { notes } = await onnxText(modelOf({ ...graph, initializer }));
    expect(notes).toEqual(isLost ? [expect.stringContaining('the payload of NaNs in TensorProto (1)')] : []);
  });

  test('tells of a type that says nothing', async () => {
    const { graph } = addModel();
    const { notes } = await onnxText(modelOf({ ...graph, valueInfo: [{ name: 'x', type: {} }] }));
    expect(notes).toEqual([expect.stringContaining('has no place for empty TypeProto (1)')]);
  });

  test('of weights that cannot be read is an error, and no text without them', async () => {
    const { graph } = addModel();
    const initializer = [{ name: 'w', dims: [1000n], dataType: 1, rawData: new Uint8Array(12) }];
    await expect(onnxText(modelOf({ ...graph, initializer }))).rejects.toMatchObject({
      name: expect.stringMatching(/ModelError$/),
    });
  });

  test('keeps references to external data', async () => {
    const { graph } = addModel();
    const externalData = [
      { key: 'location', value: 'w.bin' },
      { key: 'length', value: '8' },
    ];
    const initializer = [{ name: 'w', dims: [2n], dataType: 1, dataLocation: 1, externalData }];
    const { text } = await onnxText(modelOf({ ...graph, initializer }));
    expect(text).toContain('["location": "w.bin", "length": "8"]');
    const external = { folder: '/', open: async () => new MemorySource(Buffer.from(Float32Array.of(1, 2).buffer)) };
    const model = await loadModel(new MemorySource(Buffer.from(text), 'a.onnxtxt'), { external });
    expect(Buffer.from(await modelToBytes(model)).includes('w.bin')).toBe(true);
    const [value] = model.graph.initializers;
    expect(value?.initializer?.bytes).toEqual(new Uint8Array(Float32Array.of(1, 2).buffer));
  });
});

describe('textproto and JSON', () => {
  /** A float attribute and a double tensor that hold these bits. */
  function withBits(float: number, double: bigint): Uint8Array {
    const value = new Float32Array(Uint32Array.of(0x3f800000).buffer)[0] ?? 0;
    const { graph } = addModel();
    const attribute = [{ name: 'mine', type: 1, f: value }];
    const bytes = bytesOfModel(
      modelOf({
        ...graph,
        node: (graph?.node ?? []).map((node) => ({ ...node, attribute })),
        initializer: [...(graph?.initializer ?? []), { name: 'd', dims: [1n], dataType: 11, doubleData: [1.5] }],
      }),
    );
    // JavaScript keeps no bits of a NaN, so they are put in where the numbers are.
    const put = (from: Uint8Array, to: Uint8Array): void => bytes.set(to, Buffer.from(bytes).indexOf(from));
    put(new Uint8Array(Float32Array.of(1).buffer), new Uint8Array(Uint32Array.of(float).buffer));
    put(new Uint8Array(Float64Array.of(1.5).buffer), new Uint8Array(BigUint64Array.of(double).buffer));
    return bytes;
  }

  test.each([
    [0x7fc00000, 0x7ff8000000000000n, 0],
    [0xff800000, 0x7ff0000000000000n, 0],
    [0xffc00000, 0x7ff8000000000000n, 1],
    [0x7fa00001, 0x7ff8000000000001n, 2],
  ])('tell of NaNs that they cannot say: %s and %s', async (float, double, count) => {
    for (const format of ['textproto', 'json'] as const) {
      const { notes } = await writtenAs(withBits(float, double), format);
      const note = expect.stringContaining(`no place for the sign and payload of NaNs (${count})`);
      expect(notes).toEqual(count === 0 ? [] : [note]);
    }
  });
});
