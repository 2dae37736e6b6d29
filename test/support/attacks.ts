/** Files that an attacker might send: each must come to a clear error or to a sound result, soon and in little memory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
} from '../../src/wire/codec.ts';
import { addModel, bytesOfModel, floatTensor, floatType, modelOf, node, valueInfo } from './protos.ts';

/** Bytes of a file by its name; those of `m.onnx` are the model. */
export type Attack = Readonly<Record<string, Uint8Array>>;

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

/** A field of bytes. */
function fieldOf(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([varint((number << 3) | 2), varint(content.byteLength), content]);
}

/** A field that claims to be longer than what follows. */
function claim(number: number, length: number | bigint, content = new Uint8Array(0)): Uint8Array {
  return Buffer.concat([varint((number << 3) | 2), varint(length), content]);
}

const irVersion = Uint8Array.of(8, 10);
/** Field numbers of onnx.proto3. */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_GRAPH = 6;
const GRAPH_INITIALIZER = 5;

function model(graph: GraphProto, rest: ModelProto = {}): Attack {
  return { 'm.onnx': bytesOfModel(modelOf(graph, rest)) };
}

function tensor(rest: TensorProto): Attack {
  return model({
    node: [node('Add', ['x', 'w'], ['y'])],
    initializer: [{ name: 'w', dataType: 1, ...rest }],
    input: [valueInfo('x')],
    output: [valueInfo('y')],
  });
}

function int64s(name: string, ...values: (number | bigint)[]): TensorProto {
  const rawData = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
  return { name, dims: [BigInt(values.length)], dataType: 7, rawData };
}

function scalar(name: string, value: number | bigint): TensorProto {
  return { ...int64s(name, value), dims: [] };
}

function graphAttribute(name: string, g: GraphProto): AttributeProto {
  return { name, type: 5, g };
}

/** A model whose one output is computed from constants by `nodes`. */
function computed(initializer: TensorProto[], ...nodes: NodeProto[]): Attack {
  return model({ node: nodes, initializer, output: [valueInfo('y', {})] });
}

/** `depth` graphs in attributes of nodes of each other, every length right. */
function nested(depth: number): Uint8Array {
  let graph: Uint8Array = new Uint8Array(0);
  for (let level = 0; level < depth; level++) {
    graph = fieldOf(GRAPH_NODE, fieldOf(NODE_ATTRIBUTE, fieldOf(ATTRIBUTE_GRAPH, graph)));
  }
  return Buffer.concat([irVersion, fieldOf(MODEL_GRAPH, graph)]);
}

/** Headers of messages in messages, none of which is there: each claims as many bytes as the number of levels asks for. */
function nestedClaims(levels: number): Uint8Array {
  const pieces: Uint8Array[] = [irVersion, claim(MODEL_GRAPH, 2_000_000_000)];
  for (let level = 0; level < levels; level++) {
    const number = [GRAPH_NODE, NODE_ATTRIBUTE, ATTRIBUTE_GRAPH][level % 3] ?? GRAPH_NODE;
    pieces.push(claim(number, 1_999_999_000));
  }
  return Buffer.concat(pieces);
}

function functionOf(name: string, ...calls: string[]): FunctionProto {
  return {
    name,
    domain: 'local',
    input: ['a'],
    output: ['b'],
    node: [
      ...calls.map((call, index) =>
        node(call, [index === 0 ? 'a' : `t${index}`], [`t${index + 1}`], { domain: 'local' }),
      ),
      node('Relu', [calls.length === 0 ? 'a' : `t${calls.length}`], ['b']),
    ],
    opsetImport: [
      { domain: '', version: 21n },
      { domain: 'local', version: 1n },
    ],
  };
}

function functions(...definitions: FunctionProto[]): Attack {
  return model(
    { node: [node('f0', ['x'], ['y'], { domain: 'local' })], input: [valueInfo('x')], output: [valueInfo('y')] },
    {
      functions: definitions,
      opsetImport: [
        { domain: '', version: 21n },
        { domain: 'local', version: 1n },
      ],
    },
  );
}

const nothing: readonly never[] = [];
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A body of Loop that counts. */
const counting: GraphProto = {
  name: 'body',
  node: [node('Add', ['carried', 'one'], ['next']), node('Identity', ['condition'], ['again'])],
  input: ['iteration', 'condition', 'carried'].map((name) => ({ name })),
  output: [{ name: 'again' }, { name: 'next' }],
};

const evil = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

/** What lies in the model's file alone. */
export const wireAttacks: Readonly<Record<string, Attack>> = {
  'a billion nested messages claimed': { 'm.onnx': nestedClaims(300_000) },
  'nested messages that claim more than the graph around them': {
    'm.onnx': Buffer.concat([irVersion, fieldOf(MODEL_GRAPH, nestedClaims(300_000).subarray(2 + 6))]),
  },
  'messages nested 5,000 deep': { 'm.onnx': nested(5000) },
  'messages nested as deep as is allowed': { 'm.onnx': nested(32) },
  'groups nested 100,000 deep': {
    'm.onnx': Buffer.concat([irVersion, fieldOf(MODEL_GRAPH, Buffer.alloc(200_000, Buffer.from([0xa3, 0x06])))]),
  },
  'a length of 2^63': { 'm.onnx': Buffer.concat([irVersion, claim(MODEL_GRAPH, 1n << 63n)]) },
  'a length of -1': { 'm.onnx': Buffer.concat([irVersion, claim(MODEL_GRAPH, -1n)]) },
  '10,000 empty nodes': {
    'm.onnx': Buffer.concat([irVersion, fieldOf(MODEL_GRAPH, Buffer.alloc(20_000, Buffer.from([0x0a, 0])))]),
  },
  '10,000 empty initializers': {
    'm.onnx': Buffer.concat([
      irVersion,
      fieldOf(MODEL_GRAPH, Buffer.alloc(20_000, Buffer.from([(GRAPH_INITIALIZER << 3) | 2, 0]))),
    ]),
  },
  'dims of 2^62': tensor({ dims: [1n << 62n] }),
  'dims whose product overflows': tensor({ dims: [1n << 40n, 1n << 40n], rawData: new Uint8Array(8) }),
  'dims whose product overflows to 0': tensor({ dims: [1n << 32n, 1n << 32n], rawData: new Uint8Array(0) }),
  'dims that claim 2^50 elements': tensor({ dims: [1n << 50n], rawData: new Uint8Array(8) }),
  'typed data that claims 2^50 elements': tensor({ dims: [1n << 50n], floatData: [1, 2] }),
  'texts that claim 2^50 elements': tensor({ dims: [1n << 50n], dataType: 8, stringData: [new Uint8Array(1)] }),
  'a negative dim': tensor({ dims: [-1n], rawData: new Uint8Array(4) }),
  'a dim of 0 beside one of 2^62': tensor({ dims: [0n, 1n << 62n] }),
  'a million dims': tensor({ dims: Array<bigint>(1_000_000).fill(1n), rawData: new Uint8Array(4) }),
  'a sparse tensor of 2^62': model({
    node: [node('Identity', ['w'], ['y'])],
    sparseInitializer: [{ values: { ...floatTensor('w', 1) }, indices: int64s('', 1n << 61n), dims: [1n << 62n] }],
    output: [valueInfo('y')],
  }),
  'duplicate names': model({
    node: [node('Relu', ['x'], ['y'], { name: 'n' }), node('Neg', ['x'], ['y'], { name: 'n' })],
    initializer: [floatTensor('w', 2), floatTensor('w', 3)],
    input: [valueInfo('x'), valueInfo('x')],
    output: [valueInfo('y'), valueInfo('y')],
  }),
  'a cyclic graph': model({
    node: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b'])],
    input: [valueInfo('x')],
    output: [valueInfo('b')],
  }),
  'a cycle of 2,000 nodes': model({
    node: range(2000).map((index) => node('Relu', [`v${(index + 1999) % 2000}`], [`v${index}`])),
    output: [valueInfo('v0')],
  }),
  'a chain of 2,000 nodes in the wrong order': model({
    node: range(2000).map((index) => node('Relu', [`v${index + 1}`], [`v${index}`])),
    input: [valueInfo('v2000')],
    output: [valueInfo('v0')],
  }),
  'a subgraph that captures its own node': model({
    node: [
      node('If', ['c'], ['y'], {
        attribute: ['then_branch', 'else_branch'].map((name) =>
          graphAttribute(name, { name, node: [node('Relu', ['y'], [`${name}.z`])], output: [{ name: `${name}.z` }] }),
        ),
      }),
    ],
    input: [valueInfo('c', { tensorType: { elemType: 9, shape: { dim: [] } } })],
    output: [valueInfo('y')],
  }),
  'subgraphs that capture each other': model({
    node: ['a', 'b'].map((name, index) =>
      node('If', ['c'], [name], {
        attribute: ['then_branch', 'else_branch'].map((branch) =>
          graphAttribute(branch, {
            name: branch,
            node: [node('Relu', [index === 0 ? 'b' : 'a'], [`${name}.${branch}`])],
            output: [{ name: `${name}.${branch}` }],
          }),
        ),
      }),
    ),
    input: [valueInfo('c', { tensorType: { elemType: 9, shape: { dim: [] } } })],
    output: [valueInfo('b')],
  }),
  'a function that calls itself': functions(functionOf('f0', 'f0')),
  'functions that call each other': functions(functionOf('f0', 'f1'), functionOf('f1', 'f0')),
  'a function that calls itself through two others': functions(
    functionOf('f0', 'f1'),
    functionOf('f1', 'f2'),
    functionOf('f2', 'f0'),
  ),
  'a function that calls itself in a branch': functions({
    ...functionOf('f0'),
    node: [
      node('If', ['a'], ['b'], {
        attribute: ['then_branch', 'else_branch'].map((name) =>
          graphAttribute(name, {
            name,
            node: [node('f0', ['a'], [`${name}.z`], { domain: 'local' })],
            output: [{ name: `${name}.z` }],
          }),
        ),
      }),
    ],
  }),
  'functions that double 60 times': functions(
    ...range(60).map((index) =>
      functionOf(`f${index}`, ...(index === 59 ? nothing : [`f${index + 1}`, `f${index + 1}`])),
    ),
  ),
  'functions in a chain of 1,000': functions(
    ...range(1000).map((index) => functionOf(`f${index}`, ...(index === 999 ? nothing : [`f${index + 1}`]))),
  ),
  'a loop of 2^62 turns over constants': computed(
    [scalar('turns', 1n << 62n), scalar('start', 0), scalar('one', 1)],
    node('Loop', ['turns', '', 'start'], ['y'], { attribute: [graphAttribute('body', counting)] }),
  ),
  'loops in loops over constants': computed(
    [scalar('turns', 10_000), scalar('start', 0), scalar('one', 1)],
    node('Loop', ['turns', '', 'start'], ['y'], {
      attribute: [
        graphAttribute('body', {
          ...counting,
          node: [
            node('Loop', ['turns', '', 'carried'], ['next'], {
              attribute: [
                graphAttribute('body', {
                  ...counting,
                  node: [node('Add', ['carried2', 'one'], ['next2']), node('Identity', ['condition2'], ['again2'])],
                  input: ['iteration2', 'condition2', 'carried2'].map((name) => ({ name })),
                  output: [{ name: 'again2' }, { name: 'next2' }],
                }),
              ],
            }),
            node('Identity', ['condition'], ['again']),
          ],
        }),
      ],
    }),
  ),
  'ConstantOfShape of 2^40': computed([int64s('shape', 1 << 20, 1 << 20)], node('ConstantOfShape', ['shape'], ['y'])),
  'ConstantOfShape of 2^62 and a negative': computed(
    [int64s('shape', 1n << 62n, -1)],
    node('ConstantOfShape', ['shape'], ['y']),
  ),
  'Expand to 2^40': computed(
    [floatTensor('w', 1), int64s('shape', 1 << 20, 1 << 20)],
    node('Expand', ['w', 'shape'], ['y']),
  ),
  'Range of 2^60': computed(
    [scalar('from', 0), scalar('to', 1n << 60n), scalar('step', 1)],
    node('Range', ['from', 'to', 'step'], ['y']),
  ),
  'Range without a step': computed(
    [scalar('from', 0), scalar('to', 9), scalar('step', 0)],
    node('Range', ['from', 'to', 'step'], ['y']),
  ),
  'Tile by 2^40': computed([floatTensor('w', 1), int64s('times', 1n << 40n)], node('Tile', ['w', 'times'], ['y'])),
  'Pad by 2^40': computed(
    [floatTensor('w', 1), int64s('pads', 1n << 40n, 1n << 40n)],
    node('Pad', ['w', 'pads'], ['y']),
  ),
  'a chain of 60 doublings': computed(
    [floatTensor('v0', 1)],
    ...range(60).map((index) =>
      node('Concat', [`v${index}`, `v${index}`], [index === 59 ? 'y' : `v${index + 1}`], {
        attribute: [{ name: 'axis', type: 2, i: 0n }],
      }),
    ),
  ),
  'a shape that grows 60 times': model({
    node: [
      node('Shape', ['x'], ['v0']),
      ...range(60).map((index) =>
        node('Concat', [`v${index}`, `v${index}`], [`v${index + 1}`], {
          attribute: [{ name: 'axis', type: 2, i: 0n }],
        }),
      ),
      node('Reshape', ['x', 'v60'], ['y']),
    ],
    input: [valueInfo('x', floatType('n', 'm'))],
    output: [valueInfo('y', {})],
  }),
  'a dim that multiplies out to 2^60 terms': model({
    node: [node('Relu', ['x'], ['y'])],
    input: [
      valueInfo(
        'x',
        floatType(
          'a',
          'b',
          range(60)
            .map(() => '(a + b + 1)')
            .join('*'),
        ),
      ),
    ],
    output: [valueInfo('y', floatType('a', 'b', 'c'))],
  }),
  'a dim of 100,000 parentheses': model({
    node: [node('Relu', ['x'], ['y'])],
    input: [valueInfo('x', floatType('a', `${'('.repeat(100_000)}a${')'.repeat(100_000)}`))],
    output: [valueInfo('y', floatType('a', 'b'))],
  }),
  'a dim to the power of a billion': model({
    node: [node('Relu', ['x'], ['y'])],
    input: [valueInfo('x', floatType('a', '(a + 1)**1000000000', '9**9**9**9'))],
    output: [valueInfo('y', floatType('a', 'b', 'c'))],
  }),
  'a dim computed 60 times': model({
    node: [
      node('Shape', ['x'], ['v0']),
      ...range(60).map((index) => node('Mul', [`v${index}`, `w${index}`], [`v${index + 1}`])),
      ...range(60).map((index) => node('Add', [`v${index}`, 'ones'], [`w${index}`])),
      node('Expand', ['x', 'v60'], ['y']),
    ],
    initializer: [int64s('ones', 1, 1)],
    input: [valueInfo('x', floatType('n', 'm'))],
    output: [valueInfo('y', {})],
  }),
  'names of the prototype': model(
    {
      node: evil.map((name, index) =>
        node(name, [index === 0 ? 'x' : (evil[index - 1] ?? '')], [name], {
          name,
          domain: index % 2 === 0 ? '' : name,
          attribute: evil.map((attribute) => ({ name: attribute, type: 2, i: 1n })),
          metadataProps: evil.map((key) => ({ key, value: key })),
        }),
      ),
      input: [valueInfo('x', floatType(...evil))],
      output: [valueInfo('valueOf', floatType('n'))],
      metadataProps: evil.map((key) => ({ key, value: key })),
    },
    {
      opsetImport: ['', ...evil].map((domain) => ({ domain, version: 21n })),
      metadataProps: evil.map((key) => ({ key, value: key })),
    },
  ),
  'names that clear the screen': model({
    node: [node('Relu\u001b[2J', ['x\n\r\u0007'], ['y\u202e'], { name: '\u001b]0;owned\u0007' })],
    input: [valueInfo('x\n\r\u0007')],
    output: [valueInfo('y\u202e')],
  }),
  'a name of a megabyte': model({
    node: [node('Cast', ['x'.repeat(1_000_000)], ['y'], { name: 'n'.repeat(1_000_000) })],
    input: [valueInfo('x'.repeat(1_000_000))],
    output: [valueInfo('y')],
  }),
  'an opset of 2^62': model(
    { node: [node('Relu', ['x'], ['y'])], input: [valueInfo('x')], output: [valueInfo('y')] },
    { opsetImport: [{ domain: '', version: 1n << 62n }] },
  ),
};

function external(entries: Readonly<Record<string, string>>, count = 2): TensorProto {
  return {
    name: 'w',
    dims: [BigInt(count)],
    dataType: 1,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  };
}

/** A model whose data is said to be where `entries` say; `w.bin` is there, with 64 bytes. */
export function externalAttack(entries: Readonly<Record<string, string>>, count = 2): Attack {
  const graph = { ...addModel(count).graph, initializer: [external(entries, count)] };
  return { 'm.onnx': bytesOfModel(modelOf(graph)), 'w.bin': Uint8Array.from(range(64)) };
}

export function place(attack: Attack, folder: string): string {
  for (const [name, bytes] of Object.entries(attack)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return join(folder, 'm.onnx');
}
