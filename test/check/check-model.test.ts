import { describe, expect, test } from '@jest/globals';
import { check } from '../../src/api/check.ts';
import { loadModel } from '../../src/api/load.ts';
import { checkRules } from '../../src/check/rules.ts';
import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/text/parse.ts';
import type { GraphProto, ModelProto } from '../../src/wire/codec.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { bytesOfModel, floatTensor, modelOf, node, valueInfo } from '../support/protos.ts';

const met = new Set<string>();

/** `rule/message effect`, in order, without the family. */
function said(model: Model): string[] {
  return check(model).map(({ rule, messageId, effect }) => {
    met.add(rule);
    return `${rule.slice('model/'.length)}/${messageId} ${effect}`;
  });
}

async function read(graph: GraphProto, rest: ModelProto = {}): Promise<Model> {
  return loadModel(new MemorySource(bytesOfModel(modelOf(graph, rest))), { tolerant: true });
}

const io = { input: [valueInfo('x')], output: [valueInfo('y')] };
const relu = node('Relu', ['x'], ['y']);

describe('what a text can say', () => {
  test.each<readonly [title: string, text: string, expected: readonly string[]]>([
    ['a sound model', 'agraph (float[2] x) => (float[2] y) { y = Relu (x) }', []],
    [
      'an operator that there is not',
      'agraph (float[2] x) => (float[2] y) { y = Relux (x) }',
      ['unknown-operator/never keep'],
    ],
    [
      'an operator of a later opset',
      '<ir_version: 8, opset_import: ["": 17]> agraph (float[2,3] x) => (float[2,3] y) { y = Gelu (x) }',
      ['unknown-operator/later keep'],
    ],
    [
      'an operator of an opset that nobody knows yet',
      '<ir_version: 14, opset_import: ["": 99]> agraph (float[2] x) => (float[2] y) { y = Brandnew (x) }',
      ['newer-opset/version keep', 'unknown-operator/never keep'],
    ],
    [
      'a deprecated operator',
      '<ir_version: 8, opset_import: ["": 11]> agraph (float[1,1,2,2] x) => (float[1,1,4,4] y) <float[4] s = {1, 1, 2, 2}> { y = Upsample (x, s) }',
      ['unknown-operator/deprecated keep'],
    ],
    [
      'an experiment of old versions',
      '<ir_version: 8, opset_import: ["": 11]> agraph (float[2] x) => (float[2] y) { y = ATen (x) }',
      ['unknown-operator/experimental keep'],
    ],
    ['too few inputs', 'agraph (float[2] x) => (float[2] y) { y = Add (x) }', ['wrong-operands/tooFew refuse']],
    [
      'too many inputs and outputs',
      'agraph (float[2] x) => (float[2] y) { y, z = Relu (x, x) }',
      ['wrong-operands/tooMany refuse', 'wrong-operands/tooMany refuse'],
    ],
    [
      'an omitted input that must be there',
      'agraph (float[2] x) => (float[2] y) { y = Add (, x) }',
      ['wrong-operands/omitted refuse'],
    ],
    [
      'omitted inputs and outputs that need not be there',
      'agraph (float[4] x) => (float[4] y) <float high = {1}> { y = Clip (x, , high) }',
      [],
    ],
    [
      'an unknown, a missing and a wrong attribute',
      'agraph (float[2] x) => (float[4] y) { y = Concat <axes = 0> (x, x)  z = Concat <axis = 0.5> (x, x)  v = Softmax <__mine = 1> (x) }',
      ['wrong-attribute/unknown keep', 'wrong-attribute/missing refuse', 'wrong-attribute/type refuse'],
    ],
    [
      'pads beside auto_pad, unless one of them says nothing',
      `agraph (float[1,1,6,6] x, float[1,1,3,3] w) => (float[1,1,6,6] y) {
        a = Conv <auto_pad = "SAME_UPPER", pads = [1, 1, 1, 1]> (x, w)
        b = Conv <auto_pad = "SAME_UPPER", pads = [0, 0, 0, 0]> (a, w)
        y = Conv <auto_pad = "NOTSET", pads = [1, 1, 1, 1]> (b, w)
      }`,
      ['wrong-attribute/excluded keep'],
    ],
    [
      'a domain without import',
      '<ir_version: 8, opset_import: ["": 17]> agraph (float[2] x) => (float[2] y) { y = my.Thing (x) }',
      ['missing-opset-import/domain keep'],
    ],
    [
      'a standard domain without import, where the version is clear',
      '<ir_version: 8, opset_import: ["": 17]> agraph (float[2] x) => (float[2] y) { y = ai.onnx.ml.Scaler (x) }',
      ['missing-opset-import/domain repair'],
    ],
    [
      'a standard domain without import, where it is not',
      '<ir_version: 8, opset_import: ["ai.onnx.ml": 3]> agraph (float[2] x) => (float[2] y) { y = Add (x, x) }',
      ['missing-opset-import/domain refuse'],
    ],
    [
      'an unused import',
      '<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 3]> agraph (float[2] x) => (float[2] y) { y = Relu (x) }',
      ['unused-opset-import/domain repair'],
    ],
    [
      'an IR version that is newer than known',
      '<ir_version: 99, opset_import: ["": 17]> agraph (float[2] x) => (float[2] y) { y = Relu (x) }',
      ['ir-version/newer keep'],
    ],
    [
      'imports before there were any',
      '<ir_version: 2, opset_import: ["": 6]> agraph (float[2] x) => (float[2] y) { y = Relu (x) }',
      ['ir-version/imports repair'],
    ],
    [
      'below IR 4 an initializer that is no input',
      '<ir_version: 3, opset_import: ["": 8]> agraph (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add (x, w) }',
      ['initializer-not-input/main repair'],
    ],
    [
      'an operand of a type that the operator does not take',
      'agraph (bool[2] x) => (bool[2] y) { y = Add (x, x) }',
      ['operand-type/unsupported keep', 'operand-type/unsupported keep', 'operand-type/unsupported keep'],
    ],
    [
      'operands of two types',
      'agraph (float[2] x, int64[2] z) => (float[2] y) { y = Add (x, z) }',
      ['operand-type/inconsistent keep'],
    ],
    [
      'a node that cannot run',
      'agraph (float[2,3] x, float[4,5] z) => (float[2,5] y) { y = MatMul (x, z) }',
      ['impossible-node/node refuse'],
    ],
    [
      'declarations that are wrong',
      'agraph (float[2,3] x) => (float[2,4] y) <float[7] t> { t = Relu (x)  y = Neg (t) }',
      ['wrong-declared-type/value repair', 'wrong-declared-type/value repair'],
    ],
    [
      'a call with too many inputs',
      `<ir_version: 8, opset_import: ["": 17, "my": 1]> agraph (float[2] x) => (float[2] y) { y = my.F (x, x) }
       <domain: "my", opset_import: ["": 17]> F (a) => (b) { b = Relu (a) }`,
      ['wrong-operands/callInputs refuse'],
    ],
    [
      'functions that call each other in a circle',
      `<ir_version: 8, opset_import: ["": 17, "my": 1]> agraph (float[2] x) => (float[2] y) { y = my.F (x) }
       <domain: "my", opset_import: ["": 17, "my": 1]> F (a) => (b) { b = my.G (a) }
       <domain: "my", opset_import: ["": 17, "my": 1]> G (a) => (b) { b = my.F (a) }`,
      ['recursive-function/cycle refuse', 'impossible-node/node keep', 'impossible-node/node keep'],
    ],
    [
      'a function that means another operator',
      `<ir_version: 8, opset_import: ["": 17, "my": 1]> agraph (float[2,3] x) => (float[2,3] y) { y = my.F (x) }
       <domain: "my", opset_import: ["": 12]> F (a) => (b) { b = Softmax <axis = 1> (a) }`,
      ['function-opset/version keep'],
    ],
    [
      'a reference to an attribute that the function does not have',
      `<ir_version: 8, opset_import: ["": 17, "my": 1]> agraph (float[2] x) => (float[2] y) { y = my.F (x) }
       <domain: "my", opset_import: ["": 17]> F (a) => (b) { b = LeakyRelu <alpha: float = @slope> (a) }`,
      ['wrong-attribute/undeclared keep'],
    ],
  ])('%s', (_title, text, expected) => {
    expect(said(parseModel(text)).sort()).toEqual([...expected].sort());
  });

  test('a problem has its place: graph, node, position, value', () => {
    const [problem] = check(
      parseModel('agraph (float[2] x) => (float[2] y) { t = Relu (x)  [sum] y = Add (t, t, x) }'),
    );
    expect(problem).toMatchObject({
      rule: 'model/wrong-operands',
      message: 'Add takes at most 2 inputs, but has 3',
      place: { graph: ['agraph'], node: 'sum', nodeIndex: 1, opType: 'Add' },
    });
  });
});

describe('what takes messages to say', () => {
  const branch = (output: string, nodes: GraphProto['node'] = [], rest: GraphProto = {}): GraphProto => ({
    name: 'branch',
    node: nodes ?? [],
    output: [{ name: output }],
    ...rest,
  });
  const cond = valueInfo('c', { tensorType: { elemType: 9, shape: { dim: [] } } });
  const conditional = (then: GraphProto, otherwise: GraphProto): GraphProto => ({
    input: [valueInfo('x'), cond],
    output: [valueInfo('y')],
    node: [
      node('If', ['c'], ['y'], {
        attribute: [
          { name: 'then_branch', type: 5, g: then },
          { name: 'else_branch', type: 5, g: otherwise },
        ],
      }),
    ],
  });
  const neg = node('Neg', ['x'], ['n']);
  const sound = branch('e', [node('Neg', ['x'], ['e'])]);
  const int64s = (name: string, dims: bigint[], ...values: bigint[]) => ({
    name,
    dims,
    dataType: 7,
    int64Data: values,
  });
  const sparse = (dims: bigint[], indices: ReturnType<typeof int64s>) => ({
    sparseInitializer: [{ values: floatTensor('s', 2), indices, dims }],
  });

  test.each<readonly [title: string, graph: GraphProto, expected: readonly string[], rest?: ModelProto]>([
    [
      'a default of another shape',
      { ...io, input: [valueInfo('x'), valueInfo('w')], initializer: [floatTensor('w', 3)], node: [relu] },
      ['initializer-type/type keep'],
    ],
    ['no IR version', { ...io, node: [relu] }, ['ir-version/missing refuse'], { irVersion: 0n }],
    [
      'no imports',
      { ...io, node: [], output: [valueInfo('x')] },
      ['missing-opset-import/none keep'],
      { opsetImport: [] },
    ],
    ['a graph without a name', { ...io, node: [relu], name: '' }, ['unnamed-graph/graph repair']],
    [
      'a reader before its maker',
      { ...io, node: [node('Relu', ['n'], ['y']), neg] },
      ['topological-order/late repair'],
    ],
    [
      'a circle',
      { ...io, node: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), relu] },
      ['cycle/nodes refuse'],
    ],
    [
      'a branch that reads what is made later',
      {
        ...conditional(branch('t', [node('Neg', ['late'], ['t'])]), sound),
        node: [
          ...(conditional(branch('t', [node('Neg', ['late'], ['t'])]), sound).node ?? []),
          node('Abs', ['x'], ['late']),
        ],
      },
      ['topological-order/late repair'],
    ],
    ['an output from the graph around', conditional(branch('x'), sound), ['output-from-outside/value repair']],
    [
      'a branch with inputs',
      conditional(branch('n', [neg], { input: [valueInfo('i')] }), sound),
      ['wrong-operands/branchInputs keep'],
    ],
    [
      'a name of the graph around',
      conditional(branch('x', [node('Neg', ['c'], ['x'])]), sound),
      ['shadowed-value/value repair', 'operand-type/unsupported keep', 'operand-type/unsupported keep'],
    ],
    [
      'an input of a subgraph that is an initializer',
      conditional(branch('n', [neg], { input: [valueInfo('w')], initializer: [floatTensor('w', 2)] }), sound),
      ['subgraph-input-with-initializer/value keep', 'wrong-operands/branchInputs keep'],
    ],
    [
      'inputs and outputs without types',
      { input: [{ name: 'x' }, { name: 'z', type: { tensorType: {} } }], output: [{ name: 'y' }], node: [relu] },
      ['undeclared-type/noType keep', 'undeclared-type/noElementType keep', 'undeclared-type/noType keep'],
    ],
    [
      'an output without a shape that is known',
      { ...io, output: [valueInfo('y', { tensorType: { elemType: 1 } })], node: [relu] },
      ['undeclared-type/noShape repair'],
    ],
    [
      'an input without a shape, a sequence of nothing, an unnamed type',
      {
        input: [
          valueInfo('x', { tensorType: { elemType: 1 } }),
          valueInfo('s', { sequenceType: {} }),
          valueInfo('o', { opaqueType: { domain: 'd' } }),
        ],
        output: [valueInfo('x')],
      },
      ['undeclared-type/noContents keep', 'undeclared-type/noOpaqueName keep', 'undeclared-type/noShape keep'],
    ],
    [
      'an output twice',
      { ...io, output: [valueInfo('y'), valueInfo('y')], node: [relu] },
      ['repeated-output/value keep'],
    ],
    [
      'two nodes of one name',
      { ...io, node: [node('Neg', ['x'], ['t'], { name: 'n' }), node('Relu', ['t'], ['y'], { name: 'n' })] },
      ['duplicate-node-name/name repair'],
    ],
    [
      'value_info of nothing, twice',
      { ...io, node: [relu], valueInfo: [valueInfo('nobody'), valueInfo('x'), valueInfo('x')] },
      ['duplicate-value-info/value keep', 'stray-value-info/value repair'],
    ],
    [
      'an annotation of nothing',
      {
        ...io,
        node: [relu],
        quantizationAnnotation: [{ tensorName: 'z', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'w' }] }],
      },
      ['dangling-reference/annotation keep', 'dangling-reference/parameter keep'],
    ],
    [
      'training bindings of nothing',
      { ...io, node: [relu] },
      ['dangling-reference/bindingTarget keep', 'dangling-reference/bindingSource keep'],
      { trainingInfo: [{ updateBinding: [{ key: 'w', value: 'v' }] }] },
    ],
    [
      'an attribute of a function, in no function',
      {
        ...io,
        node: [node('LeakyRelu', ['x'], ['y'], { attribute: [{ name: 'alpha', type: 1, refAttrName: 'a' }] })],
      },
      ['wrong-attribute/reference refuse'],
    ],
    ['a node without op_type', { ...io, node: [relu, node('', ['x'], ['z'])] }, ['unknown-operator/noOpType refuse']],
    [
      'a node without anything',
      { ...io, node: [relu, node('Constant', [], [], { attribute: [{ name: 'value_int', type: 2, i: 1n }] })] },
      ['wrong-operands/nothing keep', 'wrong-operands/tooFew keep'],
    ],
    [
      'functions before IR 8',
      { ...io, node: [relu] },
      ['ir-version/functions keep'],
      {
        irVersion: 7n,
        functions: [
          {
            name: 'F',
            domain: 'd',
            input: ['a'],
            output: ['b'],
            node: [node('Neg', ['a'], ['b'])],
            opsetImport: [{ domain: '', version: 21n }],
          },
        ],
      },
    ],
    [
      'a function that is there twice, with an attribute twice',
      { ...io, node: [relu] },
      ['function-definition/twice refuse', 'function-definition/attribute refuse'],
      {
        functions: [
          { name: 'F', domain: 'd', input: ['a'], output: ['a'], attribute: ['k'] },
          { name: 'F', domain: 'd', input: ['a'], output: ['a'], attribute: ['k', 'k'] },
        ],
      },
    ],
    ['a sparse tensor', { ...io, node: [relu], ...sparse([4n, 4n], int64s('', [2n], 1n, 9n)) }, []],
    [
      'a sparse tensor by coordinates',
      { ...io, node: [relu], ...sparse([4n, 4n], int64s('', [2n, 2n], 0n, 1n, 2n, 0n)) },
      [],
    ],
    [
      'indices out of range',
      { ...io, node: [relu], ...sparse([4n], int64s('', [2n], 1n, 4n)) },
      ['sparse-tensor/range refuse'],
    ],
    [
      'indices out of order',
      { ...io, node: [relu], ...sparse([4n], int64s('', [2n], 2n, 2n)) },
      ['sparse-tensor/order refuse'],
    ],
    [
      'indices of another shape, and a dimension of 0',
      { ...io, node: [relu], ...sparse([0n], int64s('', [3n], 0n, 1n, 2n)) },
      ['sparse-tensor/dims refuse', 'sparse-tensor/indexShape refuse'],
    ],
  ])('%s', async (...[, graph, expected, rest]) => {
    expect(said(await read(graph, rest)).sort()).toEqual([...expected].sort());
  });

  test('a chain of calls that is too deep', async () => {
    const functions = Array.from({ length: 101 }, (_, index) => ({
      name: `F${index}`,
      domain: 'd',
      input: ['a'],
      output: ['b'],
      node: [index === 100 ? node('Neg', ['a'], ['b']) : node(`F${index + 1}`, ['a'], ['b'], { domain: 'd' })],
      opsetImport: [
        { domain: '', version: 21n },
        { domain: 'd', version: 1n },
      ],
    }));
    expect(said(await read({ ...io, node: [relu] }, { functions }))).toEqual(['recursive-function/depth keep']);
  });
});

test('these tests meet every rule', () => {
  expect(checkRules.map(({ id }) => id).filter((id) => !met.has(id))).toEqual([]);
});
