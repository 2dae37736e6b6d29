/** What the fuzzer found, and models made to cost time or memory: each is read, judged and simplified, or refused. */
import { describe, expect, test } from '@jest/globals';
import { lint, lintAsIs } from '../../src/api/lint.ts';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify } from '../../src/api/simplify.ts';
import { ModelError } from '../../src/base/errors.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Model } from '../../src/ir/model.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { type ByteSource, MemorySource } from '../../src/wire/byte-source.ts';
import type { ModelProto, NodeProto, TensorProto } from '../../src/wire/codec.ts';
import {
  DEFAULT_RESIDENT_BYTES,
  MAXIMUM_PRELOADED_BYTES,
  MAXIMUM_SMALL_TENSORS_BYTES,
  RESIDENT_BYTES_OF_MANY,
} from '../../src/wire/limits.ts';
import { parseModel } from '../../src/text/parse.ts';
import { bytesOfModel, floatTensor, floatType, modelOf, node, valueInfo } from '../support/protos.ts';

const load = (proto: ModelProto): Promise<Model> => loadModel(new MemorySource(bytesOfModel(proto)));

/** As long as nothing is quadratic, these take well below a second; tests run on busy machines. */
const PATIENCE = 20_000;

function timed(action: () => void): void {
  const started = performance.now();
  action();
  expect(performance.now() - started).toBeLessThan(PATIENCE);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function expectSimplified(model: Model): Model {
  simplify(model);
  expect(verifyModel(model)).toEqual([]);
  return model;
}

describe('names that every object has', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

  test.each(names)('an op_type %s is an unknown operator', async (opType) => {
    const model = await load(
      modelOf({ node: [node(opType, ['x'], ['y'])], input: [valueInfo('x')], output: [valueInfo('y')] }),
    );
    const { findings } = lint(model, { targets: ['tensorrt@11.4', 'tensorrt-rtx@1.4'] });
    expect(findings.map(({ rule }) => rule)).toContain('tensorrt/unsupported-operator');
  });

  test.each(names)('a reduction or mode %s is none', (name) => {
    const model = parseModel(`agraph () => (float[2] y) <float[2] d = {1, 2}, int64[2] i = {0, 1}, float[2] u = {3, 4},
      float[1,1,2,2] x = {1, 2, 3, 4}, float[1,1,1,2] g = {0, 0}> {
      s = ScatterElements <reduction = "${name}"> (d, i, u)
      t = GridSample <mode = "${name}"> (x, g)
      y = Add (s, t)
    }`);
    expectSimplified(model);
    expect([...model.graph.nodes].map(({ opType }) => opType)).toEqual(['ScatterElements', 'GridSample', 'Add']);
  });
});

describe('circles', () => {
  const circle = (nodes: NodeProto[], type = floatType(2)): Promise<Model> =>
    load(modelOf({ node: nodes, input: [valueInfo('x', type)], output: [valueInfo('y', type)] }));

  test('a node that reads its own output ends every walk of lint', async () => {
    const uint8 = { tensorType: { elemType: 2, shape: { dim: [{ dimValue: 4n }] } } };
    for (const opType of ['Reshape', 'Identity', 'Cast', 'Add', 'DequantizeLinear', 'Concat', 'Range']) {
      const model = await load(
        modelOf({
          node: [node(opType, ['t', 't'], ['t']), node('Reshape', ['x', 't'], ['y'])],
          input: [valueInfo('x', uint8)],
          output: [valueInfo('y')],
          valueInfo: [valueInfo('t', uint8)],
        }),
      );
      expect(() => lintAsIs(model, { targets: ['tensorrt@8.6', 'tensorrt@11.4'] })).not.toThrow();
    }
  });

  test('is named when a model is simplified', async () => {
    const model = await circle([node('Neg', ['b'], ['a']), node('Abs', ['a'], ['b']), node('Add', ['x', 'b'], ['y'])]);
    expect(() => simplify(model)).toThrow(ModelError);
  });

  test('of Identity nodes in the body of a Loop is no condition handed on', async () => {
    const body = {
      name: 'body',
      node: [node('Identity', ['d'], ['c']), node('Identity', ['c'], ['d'])],
      input: [valueInfo('i'), valueInfo('given')],
      output: [valueInfo('c')],
    };
    const model = await circle([
      node('Loop', ['', 'x'], [], { attribute: [{ name: 'body', type: 5, g: body }] }),
    ]).catch((error: unknown) => error);
    if (model instanceof ModelError) return;
    expect(() => inferModel(model as Model)).not.toThrow();
  });
});

describe('functions', () => {
  test('a default that refers to an attribute has no value', () => {
    const model = parseModel(`<ir_version: 10, opset_import: ["": 17, "local": 1]>
      agraph (float[2] x) => (y) { y = local.cast (x) }
      <domain: "local", opset_import: ["": 17]>
      cast <target> (x) => (y) { y = Cast <to: int = @target> (x) }`);
    const [definition] = model.functions;
    Object.assign(definition ?? {}, {
      attributeDefaults: [{ name: 'target', kind: 'reference', refersTo: 'alpha', type: 'int' }],
    });
    expect(() => inferModel(model)).not.toThrow();
    expect(() => lintAsIs(model, { targets: ['tensorrt@11.4'] })).not.toThrow();
  });
});

describe('sizes that the file merely claims', () => {
  test('are no sizes to compute with', () => {
    const model =
      parseModel(`agraph () => (a, b, c, d) <float[1,1,4,4] x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
      int64[4] wide = {1, 1, 4000000000, 2}, int64[4] empty = {0, 4000000000, 1, 2}, float[8] roi = {0, 0, 0, 0, 1, 1, 1, 1},
      int64[2] fit = {2, 4000000000}, int64 depth = {4000000000}, int64[1] index = {1}, int64[2] off = {0, 1}> {
      r = Resize (x, "", "", wide)
      s = Resize <coordinate_transformation_mode = "tf_crop_and_resize"> (x, roi, "", empty)
      t = Resize <axes = [2, 3], keep_aspect_ratio_policy = "not_smaller"> (x, "", "", fit)
      u = OneHot (index, depth, off)
      a = Neg (r)
      b = Neg (s)
      c = Neg (t)
      d = Neg (u)
    }`);
    timed(() => void expectSimplified(model));
  });

  test('of tensors in the file end at the bytes that are there', async () => {
    const claims = (tensor: TensorProto): ModelProto =>
      modelOf({
        node: [node('Neg', ['w'], ['y'])],
        initializer: [{ name: 'w', dataType: 7, ...tensor }],
        output: [{ name: 'y' }],
      });
    const many = { dims: [1n << 40n] };
    const content = new Array<bigint>(100_000).fill(1n);
    for (const tensor of [{ ...many, int64Data: content }, { ...many, rawData: new Uint8Array(100_000) }, many])
      await expect(load(claims(tensor))).rejects.toBeInstanceOf(ModelError);
  });

  test('of a window is clipped to what there is', () => {
    const model = parseModel(`agraph () => (a) <float[1,1,2,2] x = {1, 2, 3, 4}> {
      p = MaxPool <kernel_shape = [1000000000, 1], pads = [999999999, 0, 999999999, 0]> (x)
      a = Neg (p)
    }`);
    timed(() => void expectSimplified(model));
  });
});

test('a pattern that takes exponential time is not matched', () => {
  const model = parseModel(`agraph () => (bool[1] y) <string[1] s = {"${'a'.repeat(60)}!"}> {
    m = RegexFullMatch <pattern = "(a+)+b"> (s)
    y = Not (m)
  }`);
  timed(() => void expectSimplified(model));
  expect(model.graph.nodeCount).toBe(2);
});

test('a division by a size of 0 is a contradiction', () => {
  const model = parseModel(`agraph (float[1,5,5] x) => (y) <int64[2] image = {0, 0}, int64[2] block = {0, 0}> {
    y = Col2Im (x, image, block)
  }`);
  expect(inferModel(model).contradictions).toHaveLength(1);
});

describe('small tensors', () => {
  /** Counts what is asked of the file with the weights. */
  class Weights implements ByteSource {
    readonly name = 'weights';
    readonly byteLength = DEFAULT_RESIDENT_BYTES;
    bytesRead = 0;

    async read(_offset: number, length: number): Promise<Uint8Array> {
      this.bytesRead += length;
      return new Uint8Array(length);
    }
  }

  test('that all ask for one range of another file are brought into memory up to a budget', async () => {
    const external: TensorProto = {
      dims: [BigInt(DEFAULT_RESIDENT_BYTES)],
      dataType: 2,
      dataLocation: 1,
      externalData: [{ key: 'location', value: 'weights' }],
    };
    const count = (2 * MAXIMUM_PRELOADED_BYTES) / DEFAULT_RESIDENT_BYTES;
    const bytes = bytesOfModel(
      modelOf({
        node: [node('Neg', ['w0'], ['y'])],
        initializer: range(count).map((index) => ({ ...external, name: `w${index}` })),
        output: [{ name: 'y' }],
      }),
    );
    const weights = new Weights();
    const model = await loadModel(new MemorySource(bytes), { external: { folder: '.', open: async () => weights } });
    expect(weights.bytesRead).toBe(MAXIMUM_PRELOADED_BYTES);
    expect([...model.graph.initializers].filter(({ initializer }) => initializer?.isResident).length).toBe(count / 2);
  });

  test('stay in the file when there are very many, but for those of a few elements', async () => {
    const size = 16 * 1024;
    const count = (MAXIMUM_SMALL_TENSORS_BYTES / size) * 1.25;
    const table = (name: string, length: number): TensorProto => ({
      name,
      dims: [BigInt(length)],
      dataType: 2,
      rawData: new Uint8Array(length).fill(7),
    });
    const bytes = bytesOfModel(
      modelOf({
        node: [node('Neg', ['w0'], ['y'])],
        initializer: [...range(count).map((index) => table(`w${index}`, size)), table('axes', RESIDENT_BYTES_OF_MANY)],
        output: [{ name: 'y' }],
      }),
    );
    const model = await loadModel(new MemorySource(bytes));
    const resident = [...model.graph.initializers].filter(({ initializer }) => initializer?.isResident);
    expect(resident.map(({ name }) => name)).toEqual(['axes']);
    const [first] = model.graph.initializers;
    expect(await first?.initializer?.payload.read(size - 2, 2)).toEqual(Uint8Array.of(7, 7));
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
  });

  test('of a Constant or a ConstantOfShape may lie elsewhere', async () => {
    const value: TensorProto = {
      ...floatTensor('', 1),
      rawData: null,
      dataLocation: 1,
      externalData: [{ key: 'location', value: 'weights' }],
    };
    const shape: TensorProto = { name: 's', dims: [1n], dataType: 7, rawData: new Uint8Array(8).fill(1, 0, 1) };
    const model = await load(
      modelOf({
        node: [
          node('ConstantOfShape', ['s'], ['c'], { attribute: [{ name: 'value', type: 4, t: value }] }),
          node('Neg', ['c'], ['y']),
        ],
        initializer: [shape],
        output: [{ name: 'y' }],
      }),
    );
    expectSimplified(model);
    expect(model.graph.nodeCount).toBe(2);
  });
});

describe('many of a kind', () => {
  const COUNT = 3000;
  const chain = (call: (input: string, index: number) => string, output = 'y'): string =>
    range(COUNT)
      .map(
        (index) =>
          `${index === COUNT - 1 ? output : `v${index + 1}`} = ${call(index === 0 ? 'x' : `v${index}`, index)}`,
      )
      .join('\n');

  test('readers of one value that merge into one', () => {
    const nodes = range(COUNT).map((index) => `v${index} = Relu (x)`);
    const model = parseModel(`agraph (float[2] x) => (y) {
      ${nodes.join('\n')}
      y = Sum (${range(COUNT)
        .map((index) => `v${index}`)
        .join(', ')})
    }`);
    timed(() => void expectSimplified(model));
    expect(model.graph.nodeCount).toBe(2);
  });

  test('nodes that differ in an attribute, or in the branch they are in, only', () => {
    const casts = range(COUNT).map((index) => `v${index} = LeakyRelu <alpha = ${index}.5> (x)`);
    const ifs = range(COUNT / 4).map(
      (index) =>
        `w${index} = If (c) <then_branch = g () => (t) { t = Relu (x) }, else_branch = g () => (e) { e = Abs (x) }>`,
    );
    const names = [...range(COUNT).map((index) => `v${index}`), ...range(COUNT / 4).map((index) => `w${index}`)];
    const model = parseModel(`agraph (float[2] x, bool c) => (y) {
      ${[...casts, ...ifs].join('\n')}
      y = Sum (${names.join(', ')})
    }`);
    timed(() => void expectSimplified(model));
  });

  test('initializers that look alike', () => {
    const tensors = range(COUNT).map(
      (index) =>
        `int64[40] w${index} = {${range(40)
          .map((at) => (at === 19 ? index + 1 : 0))
          .join(', ')}}`,
    );
    const model = parseModel(`agraph (int64[40] x) => (y) <${tensors.join(', ')}> {
      ${chain((input, index) => `BitwiseXor (${input}, w${index})`)}
    }`);
    timed(() => void expectSimplified(model));
    expect(model.graph.nodeCount).toBe(COUNT);
  });

  test('uint8 nodes in a row, and shapes that add up', () => {
    const bytes = parseModel(
      `agraph (uint8[2] x) => (y) <int64[1] s = {2}> { ${chain((input) => `Reshape (${input}, s)`)} }`,
    );
    timed(() => void lintAsIs(bytes, { targets: ['tensorrt@11.4'] }));
    const sums = range(COUNT).map((index) => `v${index + 1} = Add (v${index}, v0)`);
    const reshapes = range(COUNT).map((index) => `r${index} = Reshape (x, v${index + 1})`);
    const shapes = parseModel(`agraph (float[?] x, float[N] q) => (y) {
      v0 = Shape (q)
      ${[...sums, ...reshapes].join('\n')}
      y = Sum (${range(COUNT)
        .map((index) => `r${index}`)
        .join(', ')})
    }`);
    timed(() => void lintAsIs(shapes, { targets: ['tensorrt@8.6', 'tensorrt@11.4'] }));
  });

  test('functions, each called once', () => {
    const functions = range(COUNT).map(
      (index) => `<domain: "d", opset_import: ["": 17]> f${index} (a) => (b) { b = Relu (a) }`,
    );
    const model = parseModel(`<ir_version: 10, opset_import: ["": 17, "d": 1]>
      agraph (float[2] x) => (y) { ${chain((input, index) => `d.f${index} (${input})`)} }
      ${functions.join('\n')}`);
    timed(() => void lintAsIs(model, { targets: ['tensorrt@11.4'] }));
    timed(() => void simplify(model));
  });

  test('dimensions of one value, each as large as can be', async () => {
    const dim = range(20_000).map(() => ({ dimValue: 1n << 61n }));
    const bytes = bytesOfModel(
      modelOf({
        node: [node('Reshape', ['x', 's'], ['y'])],
        initializer: [{ name: 's', dims: [1n], dataType: 7, rawData: new Uint8Array(8).fill(255) }],
        input: [valueInfo('x', { tensorType: { elemType: 1, shape: { dim } } })],
        output: [{ name: 'y' }],
      }),
    );
    const model = await loadModel(new MemorySource(bytes));
    timed(() => void inferModel(model));
    expect(inferModel(model).get(model.graph.inputs[0] as never).shape).toBeUndefined();
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
  });
});

test('a name of a megabyte is compared with no other', async () => {
  const model = await load(
    modelOf({
      node: [node('a'.repeat(1 << 20), ['x'], ['y'])],
      input: [valueInfo('x')],
      output: [valueInfo('y')],
    }),
  );
  timed(() => void lintAsIs(model, { targets: ['tensorrt@11.4'] }));
});

test('an initializer without a name hides no name that is not defined', async () => {
  const unnamed: TensorProto = {
    ...floatTensor('', 1),
    dataLocation: 1,
    externalData: [
      { key: 'location', value: 'weights' },
      { key: 'length', value: '1e3' },
    ],
  };
  const proto = modelOf({ node: [node('Neg', ['nowhere'], ['y'])], initializer: [unnamed], output: [{ name: 'y' }] });
  await expect(load(proto)).rejects.toThrow(ModelError);
});
