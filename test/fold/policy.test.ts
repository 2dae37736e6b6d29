import { describe, expect, test } from '@jest/globals';
import { simplify, type SimplifyOptions } from '../../src/api/simplify.ts';
import { arrayOf } from '../../src/fold/array.ts';
import { type FoldOptions, foldNode } from '../../src/fold/policy.ts';
import { Dim } from '../../src/infer/dim.ts';
import { type Facts, UNKNOWN_FACT } from '../../src/infer/fact.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import { type Payload, Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';
import { textOfArray } from './evaluate.ts';

/** Facts as the model declares them: enough for a policy that asks for constants, types and shapes. */
const declared: Facts = {
  get: (value) => {
    const { type, constant } = value;
    if (constant !== undefined)
      return { ...UNKNOWN_FACT, constant, dataType: constant.dataType, shape: constant.dims.map((dim) => Dim.of(dim)) };
    if (type?.kind !== 'tensor') return UNKNOWN_FACT;
    const shape = type.shape?.map((dim) => Dim.of(Number(dim)));
    return { ...UNKNOWN_FACT, dataType: type.dataType, shape };
  },
};

function fold(model: Model, options: FoldOptions = {}): string | readonly (Tensor | undefined)[] | undefined {
  const result = foldNode(model.graph.first as Node, declared, model, options);
  return result !== undefined && 'refusal' in result ? result.refusal : result?.outputs;
}

const foldText = (text: string, options: FoldOptions = {}): string | undefined => {
  const result = fold(parseModel(text), options);
  return typeof result === 'object' ? result.map((tensor) => tensor && textOfArray(arrayOf(tensor))).join() : result;
};

/** Bytes that are not in memory, with a record of the reads. */
class RemotePayload implements Payload {
  readonly bytes = undefined;
  reads = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get byteLength(): number {
    return this.#data.byteLength;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.reads++;
    return this.#data.subarray(offset, offset + length);
  }
}

describe('what may fold', () => {
  test('a node of constants', () => {
    expect(foldText('agraph () => (float[2] y) <float[2] a = {1, 2}, float b = {3}> { y = Mul (a, b) }')).toBe(
      'float[2] {3, 6}',
    );
  });

  test('no candidate: an input is not constant, or there is none', () => {
    expect(foldText('agraph (float[2] x) => (float[2] y) <float b = {3}> { y = Mul (x, b) }')).toBeUndefined();
    expect(foldText('agraph () => (float[2] y) { y = RandomNormal <shape = [2]> () }')).toBeUndefined();
  });

  test('a default of an input is no constant', () => {
    expect(foldText('agraph (float[1] a = {1}) => (float[1] y) { y = Neg (a) }')).toBeUndefined();
  });

  test('nothing random, nothing unknown, no function of the model', () => {
    expect(foldText('agraph () => (float[1] y) <float[1] a = {1}> { y = Bernoulli (a) }')).toMatch('deterministic');
    expect(foldText('agraph () => (float[1] y) <float[1] a = {1}> { y = com.acme.Neg (a) }')).toMatch('deterministic');
    expect(
      foldText(`<ir_version: 10, opset_import: ["" : 21, "f" : 1]>
        agraph () => (float[1] y) <float[1] a = {1}> { y = f.Neg (a) }
        <domain: "f", opset_import: ["" : 21]> Neg (x) => (y) { y = Abs (x) }`),
    ).toMatch('function of the model');
  });

  test('quantization of constants stays unless asked', () => {
    const text = 'agraph () => (float[1] y) <int8[1] a = {3}, float s = {2}> { y = DequantizeLinear (a, s) }';
    expect(foldText(text)).toMatch('quantization');
    expect(foldText(text, { foldQuantization: true })).toBe('float[1] {6}');
  });

  test('exactOnly leaves bounded kernels', () => {
    const text = 'agraph () => (float[1] y) <float[1] a = {0}> { y = Exp (a) }';
    expect(foldText(text, { exactOnly: true })).toMatch('exact');
    expect(foldText(text)).toBe('float[1] {1}');
  });

  test('the text of a float is not folded', () => {
    expect(foldText('agraph () => (string[1] y) <float[1] a = {0.1}> { y = Cast <to = 8> (a) }')).toMatch('text');
  });
});

describe('how large', () => {
  test('a fill beyond 64 KiB stays, below it folds', () => {
    const filled = (count: number): string =>
      `agraph () => (float[${count}] y) <int64[1] s = {${count}}> { y = ConstantOfShape (s) }`;
    expect(fold(parseModel(filled(16384)))).toHaveLength(1);
    expect(fold(parseModel(filled(17000)))).toMatch('would add');
  });

  test.each(['Tile (a, n)', 'Expand (a, n)', 'ConstantOfShape <value = float[1] {2}> (n)'])(
    'what repeats one element to a megabyte stays: %s',
    (call) => {
      const text = `agraph () => (float[262144] y) <float[1] a = {1}, int64[1] n = {262144}> { y = ${call} }`;
      expect(fold(parseModel(text))).toMatch('would add');
      expect(fold(parseModel(text.replaceAll('262144', '16')))).toHaveLength(1);
    },
  );

  test('what is on its way to a small result may be large', () => {
    const ones = new Array(520).fill(1).join();
    const text = (outputs: string, last: string): string =>
      `agraph (float x) => (${outputs}) <float[520,1] a = {${ones}}, float[1,520] b = {${ones}}> {
        s = Add (a, b)
        t = Mul (s, s)
        r = ${last}
        y = Mul (r, x)
      }`;
    const nodesLeft = (model: string, options: SimplifyOptions = {}): number =>
      simplify(parseModel(model), options).nodes.after;
    expect(nodesLeft(text('float y', 'ReduceSum <keepdims = 0> (t)'))).toBe(1);
    expect(nodesLeft(text('float y', 'ReduceSum <keepdims = 0> (t)'), { preset: 'exact' })).toBe(4);
    expect(nodesLeft(text('float[520,520] y', 'Relu (t)'))).toBe(4);
    expect(nodesLeft(text('float y, float[520,520] t', 'ReduceSum <keepdims = 0> (t)'))).toBe(4);
  });

  test('any other operator may add 1 MiB', () => {
    const sum = (count: number): string => {
      const ones = new Array(count).fill(1).join();
      return `agraph () => (float[${count},${count}] y) <float[${count},1] a = {${ones}}, float[1,${count}] b = {${ones}}> { y = Add (a, b) }`;
    };
    expect(fold(parseModel(sum(256)))).toHaveLength(1);
    expect(fold(parseModel(sum(520)))).toMatch('would add');
  });

  test('a size that depends on the data is judged afterwards', () => {
    const ones = new Array(20000).fill(1).join();
    const text = `agraph () => (int64[4,n] y) <uint8[1,1,100,200] a = {${ones}}> { y = NonZero (a) }`;
    const model = parseModel(text.replace('int64[4,n]', 'int64'));
    expect(fold(model)).toHaveLength(1);
  });
});

describe('what simplify makes of it', () => {
  const operatorsOf = (text: string, options: SimplifyOptions = {}): string => {
    const model = parseModel(text);
    simplify(model, options);
    return [...model.graph.nodes].map(({ opType }) => opType).join(' ');
  };

  test('a quantized weight stays quantized, unless asked otherwise', () => {
    const text = `agraph (float[1,2] x) => (float[1,2] y) <int8[2,2] q = {1, 2, 3, 4}, float s = {0.5}> {
      w = DequantizeLinear (q, s)
      y = MatMul (x, w)
    }`;
    expect(operatorsOf(text)).toBe('DequantizeLinear MatMul');
    expect(operatorsOf(text, { foldQuantization: true })).toBe('MatMul');
  });

  test('a scalar repeated to a megabyte stays a Tile or an Expand', () => {
    const repeated = (
      opType: string,
    ): string => `agraph (float[262144] x) => (float[262144] y) <float[1] a = {1}, int64[1] n = {262144}> {
      w = ${opType} (a, n)
      y = Pow (w, x)
    }`;
    expect(operatorsOf(repeated('Tile'))).toContain('Pow');
    const model = parseModel(repeated('Tile'));
    simplify(model);
    for (const { initializer } of model.graph.initializers) expect(initializer?.byteLength ?? 0).toBeLessThan(1 << 16);
  });

  const branches = (condition: string): string => `agraph (float[2] x, bool c) => (float[2] y) <bool no = {0}> {
    r = If (${condition}) <
      then_branch = a () => (u) { u = Neg (x) },
      else_branch = b () => (v) { v = Abs (x) }
    >
    y = Sqrt (r)
  }`;
  test('an If of a known condition is its branch, one of a condition that is computed stays', () => {
    expect(operatorsOf(branches('no'))).toBe('Abs Sqrt');
    expect(operatorsOf(branches('c'))).toBe('If Sqrt');
  });

  const rounds = (count: number): string => `agraph (float[2] x) => (float[2] y) <int64 n = {${count}}, bool go = {1}> {
    r = Loop (n, go, x) <body = b (int64 i, bool c, float[2] v) => (d, w) { d = Identity (c) w = Cos (v) }>
    y = Sqrt (r)
  }`;
  test('a Loop of few known rounds is written out, one of many stays', () => {
    expect(operatorsOf(rounds(3))).toBe('Cos Cos Cos Sqrt');
    expect(operatorsOf(rounds(1000))).toBe('Loop Sqrt');
  });
});

describe('deferred folds', () => {
  const rows = 600;
  const data = Float32Array.from({ length: rows * rows }, (_, index) => index);

  function transposeOf(payload: Payload, isShared = false): Model {
    const model = parseModel(
      `agraph (float[1] x) => (float[${rows},${rows}] y, float z) <float[1] w = {0}> { y = Transpose (w) z = Identity (${isShared ? 'w' : 'x'}) }`,
    );
    const [value] = model.graph.initializers;
    if (value !== undefined) value.initializer = new Tensor('float', [rows, rows], payload, { name: 'w' });
    return model;
  }

  test('a weight that nobody else reads may be transposed at any size, and is not read before the save', async () => {
    const payload = new RemotePayload(new Uint8Array(data.buffer));
    const result = fold(transposeOf(payload));
    expect(result).toHaveLength(1);
    const tensor = result?.[0] as Tensor;
    expect(payload.reads).toBe(0);
    expect(tensor.isResident).toBe(false);
    expect(tensor.dims).toEqual([rows, rows]);
    const chunk = 100000;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < tensor.payload.byteLength; at += chunk)
      pieces.push((await tensor.payload.read(at, Math.min(chunk, tensor.payload.byteLength - at))).slice());
    expect(payload.reads).toBeGreaterThan(0);
    const bytes = Buffer.concat(pieces);
    const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    expect(floats.length).toBe(rows * rows);
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [599, 3],
      [17, 400],
    ] as const)
      expect(floats[i * rows + j]).toBe(j * rows + i);
  });

  test('a weight that others read would be stored twice', () => {
    expect(fold(transposeOf(new RemotePayload(new Uint8Array(data.buffer)), true))).toMatch('would add');
  });

  test('a Reshape shares the bytes, wherever they are', () => {
    const payload = new RemotePayload(new Uint8Array(data.buffer));
    const model = parseModel(
      'agraph () => (float[360000] y) <float[1] w = {0}, int64[1] s = {-1}> { y = Reshape (w, s) }',
    );
    const [value] = model.graph.initializers;
    if (value !== undefined) value.initializer = new Tensor('float', [rows, rows], payload, { name: 'w' });
    const result = fold(model);
    expect((result?.[0] as Tensor).payload).toBe(payload);
  });

  test('the Shape of a weight needs no elements', () => {
    const payload = new RemotePayload(new Uint8Array(data.buffer));
    const model = parseModel('agraph () => (int64[2] y) <float[1] w = {0}> { y = Shape (w) }');
    const [value] = model.graph.initializers;
    if (value !== undefined) value.initializer = new Tensor('float', [rows, rows], payload, { name: 'w' });
    expect(textOfArray(arrayOf((fold(model) as Tensor[])[0] as Tensor))).toBe('int64[2] {600, 600}');
    expect(payload.reads).toBe(0);
  });

  test('what could be undefined is not deferred', () => {
    const payload = new RemotePayload(new Uint8Array(data.buffer));
    const model = parseModel('agraph () => (int32[600,600] y) <float[1] w = {0}> { y = Cast <to = 6> (w) }');
    const [value] = model.graph.initializers;
    if (value !== undefined) value.initializer = new Tensor('float', [rows, rows], payload, { name: 'w' });
    expect(fold(model)).toMatch('not in memory');
  });
});
