import { describe, expect, test } from '@jest/globals';
import { attribute } from '../../src/ir/attribute.ts';
import { dataTypeInfo, dataTypes } from '../../src/ir/data-type.ts';
import { addConstant, Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { createNode } from '../../src/ir/node.ts';
import { ComputedPayload, Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { sameModel } from '../../src/text/compare.ts';
import { parseModel } from '../../src/text/parse.ts';
import { printAttribute, printGraph, printModel, printNode, printTensor } from '../../src/text/print.ts';

const everything = `<
  ir_version: 10,
  opset_import: ["": 18, "local": 1],
  producer_name: "a \\"b\\"",
  model_version: 3,
  metadata_props: ["key": "value"]
>
main (float[N,"2*N",?,3] x, bool c, float s, untyped, "float", seq(optional(float[])) q) => (float[N] y, y2) <
  float s = {1.5},
  int64[2] shape = {4, -6},
  float16[2] h = {15360, 0},
  int4[3] "a/b" = {-8, 7, 1},
  string[2] z = {"a\\"b", "\\\\x41\\xff"},
  float e = ["location": "w.bin", "offset": "0"],
  sparse_tensor(float[9]) sp = {float[2] {1, 2.5}, int64[2] {0, 8}},
  float[2] shape,
  float[N] t,
  int8 nobody,
  nothing
> {
  [n1] t = local.foo:ov (x, "", shape) <
    alpha = 2.0,
    k = [1, 2],
    none: floats = [],
    tt = int64[2] name {1, 2},
    ext = float = ["location": "w.bin"],
    sparse = sparse_tensor(float[9]) {float[1] {1e-7}, int64[1] {0}},
    type = map(int64, opaque(a.b, c)),
    graphs = [g1 () => (v) {
      v = Identity (x)
    }, "g 2" () => (float v) {
      v = Identity (c)
    }],
    "odd name" = [inf, nan, -0.0, 0.1]
  >
  y = If (c) <
    then_branch = "nan" () => (float[N] p) {
      p = Relu (t)
    },
    else_branch = "int8" () => (float[N] e_1) {
      e_1 = "a-b"."aten::neg" (t)
    }
  >
  y2, "" = Op <a = "NOTSET", b = ["x", ""]> (y)
  = Sink ()
}

<
  domain: "local",
  overload: "ov",
  opset_import: ["": 18],
  doc_string: "doc"
>
foo <gamma, alpha = 4.0> (X, float[3] Y, Z) => (C) <
  float[3] D
> {
  A = Constant <value_float: float = @alpha> ()
  D = Mul (X, A)
  C = Add <axis = @gamma> (D, Y)
}
`;

describe('printModel', () => {
  test('prints all that the syntax can say, and reads it back', () => {
    const model = parseModel(everything);
    expect(printModel(model)).toBe(everything);
    expect(sameModel(model, parseModel(printModel(model)), { names: true })).toBeUndefined();
  });

  test('the type of an output stands with the outputs, wherever it was declared', () => {
    expect(printGraph(parseModel('g (x) => (y) <float[2] y, float[2] x> { y = Relu (x) }').graph)).toBe(
      'g (float[2] x) => (float[2] y) {\n  y = Relu (x)\n}',
    );
  });

  test('elides only when asked, and then what is long', () => {
    const model = parseModel(
      'g () => (y) <float[4] w = {1, 2, 3, 4}, float[2] v = {1, 2}> { y = Op <s = "abcdef", t = "ab"> (w, v) }',
    );
    expect(printGraph(model.graph)).toContain('float[4] w = {1, 2, 3, 4}');
    const elided = printGraph(model.graph, { maxElements: 2 });
    expect(elided).toContain('float[4] w = {1, 2, ...}');
    expect(elided).toContain('float[2] v = {1, 2}');
    expect(elided).toContain('s = "ab"..., t = "ab"');
  });
});

describe('printGraph and printNode', () => {
  test('say what was built by hand', () => {
    const graph = new Graph({ name: 'g' });
    const x = new Value('x');
    graph.addInput(x);
    const w = addConstant(graph, 'w', new Tensor('int8', [2], new Uint8Array([1, 255])));
    const node = createNode('Op', [x, undefined, w], ['y'], { name: 'op', attributes: [attribute.int('axis', 1)] });
    graph.append(node);
    graph.addOutput(node.output);
    const model = new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph });
    expect(printNode(node)).toBe('[op] y = Op <axis = 1> (x, "", w)');
    expect(printGraph(model.graph)).toBe(
      'g (x) => (y) <\n  int8[2] w = {1, -1}\n> {\n  [op] y = Op <axis = 1> (x, "", w)\n}',
    );
  });

  test('elements that are not in memory are left out', () => {
    const payload = new ComputedPayload(8, 8, async () => new Uint8Array(8));
    expect(printTensor(new Tensor('float', [2], payload))).toBe('float[2] ...');
  });

  test('attributes that would read as something else state their type', () => {
    expect(printAttribute(attribute.ints('perm', []))).toBe('perm: ints = []');
    expect(printAttribute(attribute.float('alpha', 1))).toBe('alpha = 1.0');
    expect(printAttribute(attribute.float('alpha', 1e21))).toBe('alpha = 1e+21');
  });
});

describe('elements of every type come back bit by bit', () => {
  test.each(dataTypes.filter((dataType) => dataType !== 'string'))('%s', (dataType) => {
    const count = 24;
    const bytes = new Uint8Array((count * dataTypeInfo(dataType).bits) / 8);
    // A fixed sequence that reaches all bits; 0x7f and 0xff would make NaNs with payloads, which a text cannot say.
    let state = 1;
    for (let index = 0; index < bytes.length; index++) {
      state = (state * 75 + 74) % 65537;
      bytes[index] = state & 0xbf;
    }
    const tensor = new Tensor(dataType, [count], bytes);
    const { graph } = parseModel(`g () => () <${printTensor(tensor).replace(' {', ' w = {')}> {}`);
    const [value] = graph.initializers;
    expect(value?.initializer?.bytes).toEqual(bytes);
  });
});
