import { describe, expect, test } from '@jest/globals';
import { ModelError } from '../../src/base/errors.ts';
import { type Attribute, textOf } from '../../src/ir/attribute.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { parseModel } from '../../src/text/parse.ts';

/** The attributes of the only node of a graph. */
function attributes(text: string): ReadonlyMap<string, Attribute> {
  const node = parseModel(`g (x) => () { y = test.Op <${text}> (x) }`).graph.first;
  return node?.attributes ?? new Map();
}

function initializer(text: string): Tensor {
  const [value] = parseModel(`g () => () <${text}> {}`).graph.initializers;
  if (value?.initializer === undefined) throw new Error('there is no initializer');
  return value.initializer;
}

function bytes(text: string): number[] {
  return [...initializer(text).bytes];
}

function inputTypes(text: string): unknown[] {
  return parseModel(`g (${text}) => () {}`).graph.inputs.map(({ type }) => type);
}

function failure(text: string): { message: string; hint: string | undefined } {
  try {
    parseModel(text);
  } catch (error) {
    if (error instanceof ModelError) return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('it was read');
}

describe('models', () => {
  test('a header says everything about the model', () => {
    const model = parseModel(`
      < ir_version: 7, opset_import: ["" : 10, "ai.onnx.ml" : 2], producer_name: "tests", producer_version: "1.0",
        domain: "org.example", model_version: 9007199254740993, doc_string: "two
lines", metadata_props: ["key" : "value", "other": ""] >
      g (float[N] x) => (float[N] y) { y = Relu (x) }`);
    expect(model.irVersion).toBe(7);
    expect([...model.opsetImports]).toEqual([
      ['', 10],
      ['ai.onnx.ml', 2],
    ]);
    expect([model.producerName, model.producerVersion, model.domain]).toEqual(['tests', '1.0', 'org.example']);
    expect(model.modelVersion).toBe(9007199254740993n);
    expect(model.docString).toBe('two\nlines');
    expect([...model.metadataProps]).toEqual([
      ['key', 'value'],
      ['other', ''],
    ]);
  });

  test('what the header leaves out comes from the options, then from the defaults', () => {
    const text = 'g (x) => (y) { t = com.microsoft.Gelu (x) y = Relu (t) }';
    expect(parseModel(text).irVersion).toBe(10);
    expect([...parseModel(text).opsetImports]).toEqual([
      ['', 21],
      ['com.microsoft', 1],
    ]);
    const old = parseModel(text, { opset: 11, irVersion: 6 });
    expect([old.irVersion, old.opsetVersion('')]).toEqual([6, 11]);
    expect(parseModel(text, { opset: { 'ai.onnx': 13, 'com.microsoft': 2 } }).opsetVersion('ai.onnx')).toBe(13);
    expect(parseModel(`<opset_import: ["ai.onnx": 9]> ${text}`, { opset: 11 }).opsetVersion('')).toBe(9);
  });

  test('functions have headers, attributes with and without defaults, typed inputs and overloads', () => {
    const model = parseModel(`
      <ir_version: 10, opset_import: ["" : 18, "local" : 1]>
      main (float[N] x) => (float[N] y) { y = local.scale:twice <beta = 1.5> (x) }
      <domain: "local", overload: "twice", opset_import: ["" : 18], doc_string: "scales">
      scale <alpha: float = 2, beta, gamma = 3> (float[N] v, w) => (r) <float[N] s> {
        a = Constant <value_float: float = @alpha> ()
        s = Mul (v, a)
        r = Identity (s)
      }`);
    const definition = model.findFunction('local', 'scale', 'twice');
    expect(definition?.docString).toBe('scales');
    expect(definition?.attributeNames).toEqual(['beta']);
    expect(definition?.attributeDefaults).toEqual([
      { kind: 'float', name: 'alpha', value: 2 },
      { kind: 'int', name: 'gamma', value: 3n },
    ]);
    expect(definition?.opsetVersion('')).toBe(18);
    expect(definition?.body.inputs.map(({ name, type }) => [name, type?.kind])).toEqual([
      ['v', 'tensor'],
      ['w', undefined],
    ]);
    expect(definition?.body.first?.attributes.get('value_float')).toEqual({
      kind: 'reference',
      name: 'value_float',
      refersTo: 'alpha',
      type: 'float',
    });
    expect(definition?.body.outputs[0]?.producer?.inputs[0]?.type?.kind).toBe('tensor');
    expect(verifyModel(model)).toEqual([]);
  });
});

describe('types', () => {
  test('tensors: scalar, unknown rank, and dims by number, name or not at all', () => {
    const dims = inputTypes('float a, float[] b, int64[0] c, bool[N, 3, ?, "2*N", -1] d').map(
      (type) => (type as { shape: unknown }).shape,
    );
    expect(dims).toEqual([[], undefined, [0], ['N', 3, undefined, '2*N', -1]]);
  });

  test('sequences, optionals, maps, sparse tensors and opaque types', () => {
    expect(inputTypes('seq(optional(float[])) a, map(string, seq(int64)) b, sparse_tensor(double[9]) c')).toEqual([
      {
        kind: 'sequence',
        element: { kind: 'optional', element: { kind: 'tensor', dataType: 'float', shape: undefined } },
      },
      {
        kind: 'map',
        keyType: 'string',
        valueType: { kind: 'sequence', element: { kind: 'tensor', dataType: 'int64', shape: [] } },
      },
      { kind: 'sparse_tensor', dataType: 'double', shape: [9] },
    ]);
    expect(inputTypes('opaque() a, opaque(a.b) b, opaque(a.b, c) c')).toEqual([
      { kind: 'opaque', domain: '', name: '' },
      { kind: 'opaque', domain: '', name: 'a.b' },
      { kind: 'opaque', domain: 'a.b', name: 'c' },
    ]);
  });

  test('a value may have no type, and a name that is a type word when it is quoted', () => {
    const { inputs } = parseModel('g (x, "float", int4 "seq") => () {}').graph;
    expect(inputs.map(({ name, type }) => [name, type?.kind])).toEqual([
      ['x', undefined],
      ['float', undefined],
      ['seq', 'tensor'],
    ]);
  });
});

describe('elements', () => {
  test('whole numbers of every width, int64 to its ends', () => {
    expect(bytes('int64[2] w = {9223372036854775807, -9223372036854775808}')).toEqual([
      ...[255, 255, 255, 255, 255, 255, 255, 127],
      ...[0, 0, 0, 0, 0, 0, 0, 128],
    ]);
    expect(bytes('uint64 w = {18446744073709551615}')).toEqual(Array(8).fill(255));
    expect(bytes('int32 w = {-2}')).toEqual([254, 255, 255, 255]);
    expect(bytes('uint32 w = {4294967295}')).toEqual([255, 255, 255, 255]);
    expect(bytes('int16[2] w = {-32768, 258}')).toEqual([0, 128, 2, 1]);
    expect(bytes('int8[2] w = {-128, 127}')).toEqual([128, 127]);
    expect(bytes('bool[3] w = {1, 0, 1}')).toEqual([1, 0, 1]);
  });

  test('float16, bfloat16 and the 8-bit floats are bit patterns', () => {
    expect(bytes('float16[2] w = {15360, 48128}')).toEqual([0, 0x3c, 0, 0xbc]);
    expect(bytes('bfloat16 w = {16256}')).toEqual([0x80, 0x3f]);
    expect(bytes('float8e4m3fn[2] w = {56, 255}')).toEqual([56, 255]);
  });

  test('2-, 4- and 6-bit elements are packed from the least significant bit on', () => {
    expect(bytes('int4[3] w = {-8, 7, 1}')).toEqual([0x78, 0x01]);
    expect(bytes('uint4[2] w = {15, 1}')).toEqual([0x1f]);
    expect(bytes('int2[5] w = {-2, 1, 0, -1, 1}')).toEqual([0b11000110, 0b01]);
    expect(bytes('uint2[4] w = {0, 1, 2, 3}')).toEqual([0b11100100]);
    expect(bytes('float4e2m1[2] w = {2, 15}')).toEqual([0xf2]);
    // Four codes in three bytes: onnx.numpy_helper packs 1, 2, 3, 63 so.
    expect(bytes('float6e2m3[4] w = {1, 2, 3, 63}')).toEqual([0x81, 0x30, 0xfc]);
  });

  test('floats: fractions, exponents, whole numbers, infinities and NaN', () => {
    expect(bytes('float[3] w = {1.5, -2e0, 3}')).toEqual([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x40, 0x40]);
    expect(bytes('float[5] w = {nan, -nan, inf, -Infinity, -0}')).toEqual([
      ...[0, 0, 0xc0, 0x7f],
      ...[0, 0, 0xc0, 0xff],
      ...[0, 0, 0x80, 0x7f],
      ...[0, 0, 0x80, 0xff],
      ...[0, 0, 0, 0x80],
    ]);
    expect(bytes('double w = {-nan}')).toEqual([0, 0, 0, 0, 0, 0, 0xf8, 0xff]);
    expect(bytes('complex64 w = {1, 0.5}')).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f]);
  });

  test('strings, with escapes, and bytes that are not UTF-8', () => {
    const strings = initializer('string[4] w = {"a\\"b", "back\\\\slash", "é", "\\xff\\x00n\\n"}').strings;
    expect(strings?.slice(0, 3).map(textOf)).toEqual(['a"b', 'back\\slash', 'é']);
    // As in onnx, a backslash stands for the character after it: \n is n.
    expect([...(strings?.[3] ?? [])]).toEqual([0xff, 0x00, 0x6e, 0x6e]);
  });

  test('an empty tensor, and one whose data lie elsewhere', async () => {
    expect(initializer('float[0,3] w = {}').elementCount).toBe(0);
    const tensor = initializer('float[2] w = ["location": "weights.bin", "offset": "4096", "length": "8"]');
    expect(tensor.external).toEqual({
      location: 'weights.bin',
      entries: [
        ['location', 'weights.bin'],
        ['offset', '4096'],
        ['length', '8'],
      ],
    });
    expect(tensor.isResident).toBe(false);
    await expect(tensor.payload.read(0, 8)).rejects.toThrow(ModelError);
  });

  test('a sparse tensor holds its values, then its indices', () => {
    const [value] = parseModel('g () => () <sparse_tensor(float[9]) w = {float[2] {1, 2.5}, int64[2] {0, 8}}> {}').graph
      .initializers;
    expect(value?.sparseInitializer?.dims).toEqual([9]);
    expect(value?.sparseInitializer?.values.name).toBe('w');
    expect(value?.sparseInitializer?.indices.dataType).toBe('int64');
  });
});

describe('attributes', () => {
  test('single values; a declared type makes an int a float', () => {
    expect([
      ...attributes('a = 2, b = 0.625, c = -1e-3, d: float = 1, e = nan, f = -9223372036854775808').values(),
    ]).toEqual([
      { kind: 'int', name: 'a', value: 2n },
      { kind: 'float', name: 'b', value: 0.625 },
      { kind: 'float', name: 'c', value: Math.fround(-1e-3) },
      { kind: 'float', name: 'd', value: 1 },
      { kind: 'float', name: 'e', value: NaN },
      { kind: 'int', name: 'f', value: -9223372036854775808n },
    ]);
    const text = attributes('s = "NOTSET"').get('s');
    expect(text?.kind === 'string' && textOf(text.value)).toBe('NOTSET');
  });

  test('lists, empty ones with their type', () => {
    const list = attributes(
      'a = [1, -2], b = [0.5, 2], c: floats = [1], d: ints = [], e = ["x", ""], f: type_protos = [float[2]]',
    );
    expect([...list.values()].map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'ints'],
      ['b', 'floats'],
      ['c', 'floats'],
      ['d', 'ints'],
      ['e', 'strings'],
      ['f', 'type_protos'],
    ]);
    expect(list.get('b')).toEqual({ kind: 'floats', name: 'b', value: [0.5, 2] });
    expect(list.get('d')).toEqual({ kind: 'ints', name: 'd', value: [] });
  });

  test('tensors, with and without name, and types', () => {
    const found = attributes(
      'a = int64[2] {1, 2}, b = float name = {1.5}, c = float[2], d = [int8 {1}, int8[1] {2}], e = seq(float)',
    );
    expect([...found.values()].map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'tensor'],
      ['b', 'tensor'],
      ['c', 'type_proto'],
      ['d', 'tensors'],
      ['e', 'type_proto'],
    ]);
    const named = found.get('b');
    expect(named?.kind === 'tensor' && [named.value.name, named.value.dims]).toEqual(['name', []]);
  });

  test('references to attributes of the function, with their type or without', () => {
    expect([...attributes('a: ints = @other, b = @"an other"').values()]).toEqual([
      { kind: 'reference', name: 'a', refersTo: 'other', type: 'ints' },
      { kind: 'reference', name: 'b', refersTo: 'an other', type: undefined },
    ]);
  });

  test('graphs, before or after the inputs, alone or in a list, with quoted names', () => {
    const model = parseModel(`g (bool c, float[2] x) => (y, z) {
      y = If (c) <
        then_branch = yes () => (float[2] t) { t = Relu (x) },
        else_branch: graph = "no no" () => (float[2] e) { e = Neg (x) }
      >
      z = test.Choose <branches = [a () => (p) { p = Abs (x) }, "" () => (p) { p = Neg (x) }]> (c)
    }`);
    expect(model.graph.first?.subgraphs.map(({ name }) => name)).toEqual(['yes', 'no no']);
    expect(model.graph.last?.subgraphs.map(({ name }) => name)).toEqual(['a', '']);
    expect(model.graph.inputs[1]?.userCount).toBe(4);
    expect(verifyModel(model)).toEqual([]);
  });
});

describe('nodes', () => {
  function operands(inputs: string): (string | undefined)[] | undefined {
    return parseModel(`g (x, y) => () { z = Op (${inputs}) }`).graph.first?.inputs.map((value) => value?.name);
  }

  test('omitted operands are "", or nothing before a comma', () => {
    expect(operands('')).toEqual([]);
    expect(operands('""')).toEqual([undefined]);
    expect(operands(',')).toEqual([undefined]);
    expect(operands(',x')).toEqual([undefined, 'x']);
    expect(operands('x,')).toEqual(['x']);
    expect(operands('x, "", y')).toEqual(['x', undefined, 'y']);
    expect(operands('x, ""')).toEqual(['x', undefined]);
  });

  test('outputs may be several, omitted, or none', () => {
    const { graph } = parseModel('g (x) => () { a, "", b = Op (x) = Sink (x) }');
    expect([...graph.nodes].map(({ outputs }) => outputs.map((value) => value?.name))).toEqual([
      ['a', undefined, 'b'],
      [],
    ]);
  });

  test('names, domains, overloads; anything may be quoted', () => {
    const { graph } = parseModel(`g ("x/0") => () {
      [first] "a.1" = com.example.Op:over ("x/0")
      ["my node"] b = "my-domain"."aten::add" <"odd name" = 1> ("a.1") # a comment
      [] c = ai.onnx.Relu (b)
    }`);
    const [first, second, third] = graph.nodes;
    expect([first?.name, first?.domain, first?.opType, first?.overload]).toEqual([
      'first',
      'com.example',
      'Op',
      'over',
    ]);
    expect([second?.name, second?.domain, second?.opType]).toEqual(['my node', 'my-domain', 'aten::add']);
    expect(second?.attributes.has('odd name')).toBe(true);
    expect([third?.name, third?.domain]).toEqual(['', '']);
  });
});

describe('values', () => {
  test('initializers, defaults of inputs, value_info, and value_info of nothing', () => {
    const { graph } = parseModel(`g (float y = {1.0}, float[N] z) => (float[N] w)
      <float[2] w1 = {1.0, 2.0}, float[N] x, float[2] w1, int64 nobody, float z = {3}> {
        x = Foo (y, z, w1)
        w = Bar (x)
      }`);
    expect([...graph.initializers].map(({ name, isInput }) => [name, isInput])).toEqual([
      ['y', true],
      ['w1', false],
      ['z', true],
    ]);
    expect(graph.first?.output.type).toEqual({ kind: 'tensor', dataType: 'float', shape: ['N'] });
    expect(graph.first?.inputs[2]?.type?.kind).toBe('tensor');
    expect(graph.strayValueInfo.map(({ name }) => name)).toEqual(['nobody']);
    expect(graph.outputs[0]?.type).toEqual({ kind: 'tensor', dataType: 'float', shape: ['N'] });
  });

  test('nodes may stand in any order; a subgraph sees every value around it, the nearest of one name', () => {
    const model: Model = parseModel(`g (bool c, float x) => (y) {
      y = If (c) <
        then_branch = t () => (a) { a = Relu (late) },
        else_branch = e () => (b) { b = Identity (x) x = Neg (late) }
      >
      late = Neg (x)
    }`);
    const [then, other] = model.graph.first?.subgraphs ?? [];
    expect(then?.first?.inputs[0]?.producer).toBe(model.graph.last);
    expect(other?.first?.inputs[0]?.producer).toBe(other?.last);
  });

  test('a graph may put out an input, an initializer, one value twice, or a value of the graph around it', () => {
    const model = parseModel(`g (bool c, float x) => (x, w, r, r) <float w = {1}> {
      r = If (c) <then_branch = t () => (x) {}, else_branch = e () => (w) {}>
    }`);
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['x', 'w', 'r', 'r']);
    expect(model.graph.inputs[1]?.useCount).toBe(2);
    expect(verifyModel(model)).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['g (float[2] x) => (y)\n{ y = Relu (z) }', "line 2, column 13: 'z' is read, but nothing defines it"],
    ['g (float[2] x) => (q) { y = Relu (x) }', "line 1, column 20: output 'q' is computed by no node"],
    ['g (x) => (y) { y = Relu (x)\n  y = Neg (x) }', "line 2, column 3: 'y' is defined twice in graph 'g'"],
    ['g () => () <float w = {1}, float w = {2}> {}', "line 1, column 34: 'w' has two initializers"],
    ['g (x) => (y) { y = Relu (x }', "line 1, column 28: expected ')' or ',' but found '}'"],
    ['g (x) => (y) { y = Relu (x)', 'line 1, column 28: expected the name of a value but found the end of the text'],
    ['g (x) -> (y) {}', "line 1, column 7: expected '=>' but found '-'"],
    ['g (x) => (x) {} trailing', 'line 1, column 25: expected'],
    ['g () => () <int64[2] w = {1}> {}', 'line 1, column 13: int64[2] takes 2 literals, but 1 are given'],
    ['g () => () <float w = {1, 2}> {}', 'line 1, column 13: float takes 1 literal, but 2 are given'],
    ['g () => () <int64[1000000000000] w = {1}> {}', 'takes 1000000000000 literals, but 1 are given'],
    ['g () => () <int8 w = {300}> {}', '300 is not an element of int8, which is written as -128 to 127'],
    ['g () => () <int64 w = {1.5}> {}', 'int64 elements are written as whole numbers'],
    ['g () => () <float w = {1e39}> {}', '1e39 is too large for float'],
    ['g () => () <float w = {"a"}> {}', 'float elements are written as numbers'],
    ['g () => () <float[N] w = {1}> {}', 'a tensor with elements cannot have the dimension N'],
    ['g () => () <float[] w = {1}> {}', '[] is unknown rank'],
    ['g () => () <w = {1}> {}', 'a tensor type must stand before the elements'],
    ['g () => () <float[2] w = ...> {}', 'left out when this text was printed'],
    ['g () => () <float[9] w = {1, ...}> {}', 'left out when this text was printed'],
    ['g (x) => () { y = Op <a = []> (x) }', 'an empty list needs its type'],
    ['g (x) => () { y = Op <a = [1, 0.5]> (x) }', 'this list holds values of kind int, but here is one of kind float'],
    ['g (x) => () { y = Op <a: int = 0.5> (x) }', "attribute 'a' is declared as int, but its value is of kind float"],
    ['g (x) => () { y = Op <a: int = [1]> (x) }', 'declared as int, which is no list'],
    ['g (x) => () { y = Op <a: number = 1> (x) }', "'number' is not an attribute type"],
    ['g (x) => () { y = Op <a = 1, a = 2> (x) }', "attribute 'a' is given twice"],
    ['g (x) => () { y = Op <a = 9223372036854775808> (x) }', 'beyond int64'],
    ['g (x) => () { y = Op <a = 1e39> (x) }', 'beyond float32, which ends at 3.4028235e+38'],
    ['g (x) => () { y = Op <> (x) }', 'expected an attribute name'],
    ['<producer: "x"> g () => () {}', "'producer' is not an entry of a model"],
    ['<ir_version: 1e3> g () => () {}', "expected a version, a whole number, but found '1e3'"],
    ['<ir_version: 99999999999999999999> g () => () {}', 'too large for a version'],
    ['g () => () <string w = {"open}> {}', 'line 1, column 25: this string has no closing quote'],
  ])('%j', (text, message) => {
    expect(failure(text).message).toContain(message);
  });

  test('near misses are named', () => {
    expect(failure('g (flot[2] x) => () {}')).toEqual({
      message: "line 1, column 4: 'flot' is not a type",
      hint: "did you mean 'float'?",
    });
    expect(failure('g (input) => (y) { y = Relu (inputs) }').hint).toBe("did you mean 'input'?");
    expect(failure('g () => () <float16 w = {1.5}> {}').hint).toMatch(/bit pattern/);
    expect(failure('<producer: "x"> g () => () {}').hint).toMatch(/producer_name/);
  });

  test('neither types nor graphs may nest beyond reason', () => {
    expect(failure(`g (${'seq('.repeat(100_000)}`).message).toMatch(/types are nested more than/);
    const open = 'y = If (c) <then_branch = g () => (y) { '.repeat(10_000);
    expect(failure(`g (bool c) => (y) { ${open}`).message).toMatch(/graphs are nested more than/);
  });
});
