import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import type { Model } from '../../src/ir/model.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { GraphProto, ModelProto, TensorProto } from '../../src/wire/codec.ts';
import { addModel, bytesOfModel, floatTensor, floatType, modelOf, node, valueInfo } from '../support/protos.ts';

function load(proto: ModelProto): Promise<Model> {
  return loadModel(new MemorySource(bytesOfModel(proto)));
}

function refused(graph: GraphProto): Promise<ModelError> {
  return load(modelOf(graph)).then(
    () => {
      throw new Error('the model was read');
    },
    (error: unknown) => error as ModelError,
  );
}

describe('names', () => {
  test('nodes may be in any order', async () => {
    const model = await load(
      modelOf({
        node: [node('Neg', ['t'], ['y']), node('Abs', ['x'], ['t'])],
        input: [valueInfo('x')],
        output: [valueInfo('y')],
      }),
    );
    const [neg, abs] = model.graph.nodes;
    expect(neg?.inputs[0]).toBe(abs?.output);
    expect(abs?.output.onlyUser).toBe(neg);
  });

  test('a branch sees what is defined after it, and its own names first', async () => {
    const branch: GraphProto = { name: 'b', node: [node('Neg', ['t'], ['o'])], output: [{ name: 'o' }] };
    const shadow: GraphProto = {
      name: 's',
      node: [node('Neg', ['x'], ['t']), node('Abs', ['t'], ['p'])],
      output: [{ name: 'p' }],
    };
    const model = await load(
      modelOf({
        node: [
          node('If', ['c'], ['y'], {
            attribute: [
              { name: 'then_branch', type: 5, g: branch },
              { name: 'else_branch', type: 5, g: shadow },
            ],
          }),
          node('Abs', ['x'], ['t'], { name: 'outer' }),
        ],
        input: [valueInfo('x'), valueInfo('c')],
        output: [valueInfo('y')],
      }),
    );
    const [branchNode, outer] = model.graph.nodes;
    const [then, other] = branchNode?.subgraphs ?? [];
    expect(then?.first?.inputs[0]).toBe(outer?.output);
    expect(other?.last?.inputs[0]).toBe(other?.first?.output);
    expect(then?.names).toBe(model.graph.names);
    expect(outer?.output.userCount).toBe(1);
    expect(then?.path).toEqual(['main', '(If of y)/then_branch']);
  });

  test('an initializer may be an input too; from IR 4 on it is only a default', async () => {
    const graph = { ...addModel().graph, input: [valueInfo('x'), valueInfo('w')] };
    const constant = async (irVersion: bigint) =>
      (await load({ ...modelOf(graph), irVersion })).graph.inputs[1]?.constant;
    expect((await constant(3n))?.dims).toEqual([2]);
    expect(await constant(4n)).toBeUndefined();
  });

  test.each<readonly [string, GraphProto, RegExp, object]>([
    [
      'an input that nobody defines',
      { node: [node('Neg', ['nothing'], ['y'], { name: 'neg' })] },
      /input 'nothing' of node neg is not defined/,
      { node: 'neg', value: 'nothing' },
    ],
    [
      'an output that nobody defines',
      { output: [valueInfo('nothing')] },
      /output 'nothing' of the graph is not defined/,
      { value: 'nothing' },
    ],
    [
      'two nodes with one output',
      { node: [node('A', [], ['y']), node('B', [], ['y'])] },
      /value 'y' is defined twice/,
      { node: '(B of y)', value: 'y' },
    ],
    [
      'a node output that is an input',
      { input: [valueInfo('x')], node: [node('A', [], ['x'])] },
      /value 'x' is defined twice/,
      { value: 'x' },
    ],
    [
      'an initializer that is there twice',
      { initializer: [floatTensor('w', 1), floatTensor('w', 1)] },
      /value 'w' is defined twice/,
      { value: 'w' },
    ],
    [
      'an input that is there twice',
      { input: [valueInfo('x'), valueInfo('x')] },
      /value 'x' is defined twice/,
      { value: 'x' },
    ],
    ['an initializer without a name', { initializer: [floatTensor('', 1)] }, /no name/, {}],
    [
      'an attribute that is there twice',
      {
        node: [
          node('A', [], ['y'], {
            attribute: [
              { name: 'a', type: 2, i: 1n },
              { name: 'a', type: 2, i: 2n },
            ],
          }),
        ],
      },
      /attribute twice/,
      { node: '(A of y)' },
    ],
    [
      'an attribute without its tensor',
      { node: [node('A', [], ['y'], { attribute: [{ name: 'a', type: 4 }] })] },
      /attribute 'a' is of type tensor, but holds none/,
      {},
    ],
    [
      'an attribute of an unknown kind',
      { node: [node('A', [], ['y'], { attribute: [{ name: 'a', $unknowns: [Uint8Array.of(0xa0, 1, 99)] }] })] },
      /attribute 'a' is of a kind/,
      {},
    ],
    [
      'a sparse tensor without indices',
      { sparseInitializer: [{ values: floatTensor('s', 1), dims: [4n] }] },
      /lacks its values or indices/,
      {},
    ],
  ])('%s is a ModelError with its place', async (_title, graph, message, place) => {
    const error = await refused(graph);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toMatch(message);
    expect(error.place).toMatchObject({ file: 'model', graph: ['main'], ...place });
  });

  test('inside a branch the place has its path', async () => {
    const branch = { name: 'b', node: [node('Neg', ['nothing'], ['o'])], output: [{ name: 'o' }] };
    const held = node('If', [], ['y'], { name: 'cond', attribute: [{ name: 'then_branch', type: 5, g: branch }] });
    expect((await refused({ node: [held] })).place.graph).toEqual(['main', 'cond']);
  });
});

describe('what older and other writers do', () => {
  test('an attribute without a type has the kind of its field', async () => {
    const attributes = [
      { name: 'f', f: 2 },
      { name: 'i', i: 0n },
      { name: 's', s: new Uint8Array(1) },
      { name: 'floats', floats: [1] },
      { name: 'ints', ints: [1n] },
      { name: 'strings', strings: [new Uint8Array(0)] },
      { name: 't', t: floatTensor('', 1) },
      { name: 'none' },
    ];
    const model = await load({
      ...modelOf({ node: [node('Op', [], ['y'], { attribute: attributes })] }),
      irVersion: 1n,
    });
    const kinds = [...(model.graph.first?.attributes.values() ?? [])].map(({ kind }) => kind);
    expect(kinds).toEqual(['float', 'int', 'string', 'floats', 'ints', 'strings', 'tensor', 'ints']);
  });

  test('a zero that a proto3 writer left out is a zero', async () => {
    const attribute = [
      { name: 'f', type: 1 },
      { name: 'i', type: 2 },
      { name: 's', type: 3 },
    ];
    const model = await load(modelOf({ node: [node('Op', [], ['y'], { attribute })] }));
    expect([...(model.graph.first?.attributes.values() ?? [])].map((each) => 'value' in each && each.value)).toEqual([
      0,
      0n,
      new Uint8Array(0),
    ]);
  });

  test('below IR 3 there are no imports, and opset 1 is meant', async () => {
    const model = await load({ ...addModel(), irVersion: 2n, opsetImport: [] });
    expect(model.opsetVersion('')).toBe(1);
  });

  test('a dimension of -1 is unknown', async () => {
    const type = {
      tensorType: { elemType: 1, shape: { dim: [{ dimValue: -1n }, { dimParam: '' }, { dimParam: 'n' }] } },
    };
    const model = await load(modelOf({ input: [{ name: 'x', type }] }));
    expect(model.graph.inputs[0]?.type).toMatchObject({ shape: [undefined, undefined, 'n'] });
  });

  test('a shape without dimensions is a scalar, and no shape is an unknown rank', async () => {
    const model = await load(
      modelOf({ input: [valueInfo('a', floatType()), valueInfo('b', { tensorType: { elemType: 1 } }), { name: 'c' }] }),
    );
    expect(model.graph.inputs.map(({ type }) => type)).toEqual([
      { kind: 'tensor', dataType: 'float', shape: [] },
      { kind: 'tensor', dataType: 'float', shape: undefined },
      undefined,
    ]);
  });
});

describe('external data', () => {
  const tensor: TensorProto = {
    name: 'w',
    dims: [2n],
    dataType: 1,
    dataLocation: 1,
    externalData: [
      { key: 'location', value: 'w.bin' },
      { key: 'offset', value: '4' },
      { key: 'length', value: '8' },
    ],
  };
  const proto = modelOf({ initializer: [tensor] });
  const file = new MemorySource(
    Uint8Array.from({ length: 12 }, (_, index) => index),
    'w.bin',
  );
  const resolver = (source: MemorySource = file) => ({ folder: '/', open: async () => source });

  async function payload(over: Partial<TensorProto>, external?: ReturnType<typeof resolver>) {
    const bytes = bytesOfModel(modelOf({ initializer: [{ ...tensor, ...over }] }));
    const model = await loadModel(new MemorySource(bytes), { external });
    const [w] = model.graph.initializers;
    if (w?.initializer === undefined) throw new Error('no initializer');
    return w.initializer;
  }

  test('small tensors are in memory when their file is there', async () => {
    const model = await loadModel(new MemorySource(bytesOfModel(proto)), { external: resolver() });
    const [w] = model.graph.initializers;
    expect(w?.initializer?.bytes).toEqual(Uint8Array.of(4, 5, 6, 7, 8, 9, 10, 11));
    expect(w?.initializer?.external?.location).toBe('w.bin');
  });

  test('without a folder the model can be read, its tensor cannot', async () => {
    const w = await payload({});
    expect(w.isResident).toBe(false);
    await expect(w.payload.read(0, 8)).rejects.toThrow(/'w\.bin'.*without its folder/);
  });

  test.each<readonly [string, Partial<TensorProto>, RegExp]>([
    [
      'a range beyond the file',
      {
        externalData: [
          { key: 'location', value: 'w.bin' },
          { key: 'offset', value: '8' },
        ],
      },
      /reaches byte 16 of 'w.bin', which has 12/,
    ],
    ["a length that is not the tensor's", { dims: [3n] }, /gives 8 bytes to a tensor of 12/],
    ['no location', { externalData: [] }, /without a location/],
    ['a location that leads away', { externalData: [{ key: 'location', value: '../w.bin' }] }, /'\.\.' component/],
    [
      'a huge offset',
      {
        externalData: [
          { key: 'location', value: 'w.bin' },
          { key: 'offset', value: '9007199254740000' },
        ],
      },
      /reaches byte/,
    ],
  ])('%s is a ModelError when the tensor is read', async (_title, over, message) => {
    const w = await payload(over, resolver());
    expect(w.isResident).toBe(false);
    await expect(w.payload.read(0, 8)).rejects.toThrow(message);
    await expect(w.payload.read(0, 8)).rejects.toBeInstanceOf(ModelError);
  });
});
