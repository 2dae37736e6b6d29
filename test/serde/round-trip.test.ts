import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { attribute } from '../../src/ir/attribute.ts';
import { addConstant } from '../../src/ir/graph.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import { createNode } from '../../src/ir/node.ts';
import { ComputedPayload, int64Tensor, Tensor } from '../../src/ir/tensor.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { ModelProto } from '../../src/wire/codec.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import {
  addModel,
  bytesOfModel,
  everything,
  floatTensor,
  floatType,
  modelOf,
  modelOfBytes,
  node,
  valueInfo,
} from '../support/protos.ts';

function load(bytes: Uint8Array, maximumResidentBytes?: number): Promise<Model> {
  return loadModel(new MemorySource(bytes), { maximumResidentBytes });
}

function nodeNamed(model: Model, name: string) {
  for (const graph of graphsOfModel(model)) for (const each of graph.nodes) if (each.name === name) return each;
  throw new Error(`no node ${name}`);
}

/** Appends a field that no schema knows to encoded fields: number 1000, a string. */
const unknownField = Uint8Array.of(0xc2, 0x3e, 3, 0x61, 0x62, 0x63);

function withUnknown<Message extends { $unknowns?: Uint8Array[] }>(message: Message): Message {
  message.$unknowns = [unknownField];
  return message;
}

function countOf(bytes: Uint8Array, pattern: Uint8Array): number {
  return Buffer.from(bytes).toString('latin1').split(Buffer.from(pattern).toString('latin1')).length - 1;
}

describe('a model with every message of the schema', () => {
  const bytes = bytesOfModel(everything());

  test('comes back byte for byte when nothing changed', async () => {
    const model = await load(bytes);
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
  });

  test('is the same message when every object is encoded anew', async () => {
    const model = await load(bytes);
    forgetOrigins(model);
    const again = modelOfBytes(await modelToBytes(model));
    const expected = everything();
    // Written anew, value_info is in the order of the graph, and an absent attribute kind or empty text stays away.
    expected.graph?.valueInfo?.reverse();
    const infos = expected.graph?.valueInfo ?? [];
    expected.graph = { ...expected.graph, valueInfo: [infos[1] ?? {}, infos[2] ?? {}, infos[0] ?? {}] };
    expect(canonical(again)).toEqual(canonical(modelOfBytes(bytesOfModel(expected))));
  });

  test('is the same message when every object is marked as changed', async () => {
    const model = await load(bytes);
    model.changed = true;
    for (const graph of graphsOfModel(model)) {
      graph.touch();
      for (const each of graph.nodes) {
        each.touch();
        for (const value of each.outputs) if (value !== undefined) value.changed = true;
      }
      for (const value of [...graph.inputs, ...graph.initializers]) value.changed = true;
    }
    for (const definition of model.functions) definition.changed = true;
    const again = await modelToBytes(model);
    expect(modelOfBytes(again)).toEqual(modelOfBytes(bytes));
  });

  test('has sound uses, captures and mutable values', async () => {
    // verifyModel asks for nodes in order.
    const sorted = everything();
    sorted.graph?.node?.push(...sorted.graph.node.splice(0, 1));
    expect(verifyModel(await load(bytesOfModel({ ...sorted, trainingInfo: [] })))).toEqual([]);
    const model = await load(bytes);
    const w = model.graph.inputs[1];
    expect(w?.name).toBe('w');
    expect(w?.isMutable).toBe(true);
    // The custom node, a Sub in each of three branches, and the training step.
    expect(w?.userCount).toBe(5);
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['out', 'second', 'local', 'second']);
    expect(model.graph.strayValueInfo.map(({ name }) => name)).toEqual(['nobody']);
    const held = nodeNamed(model, 'custom node').attributes;
    expect(held.get('i')).toMatchObject({ kind: 'int', value: -9223372036854775808n });
    expect(held.get('ints')).toMatchObject({
      kind: 'ints',
      value: [9223372036854775807n, -1n, 0n, 2147483648n, 9007199254740992n, 9007199254740993n],
    });
    expect(held.get('s')).toMatchObject({ kind: 'string', value: Uint8Array.of(0xc3, 0x28) });
  });

  test('a change in a branch changes no other bytes than its own', async () => {
    const model = await load(bytes);
    nodeNamed(model, 'g.sub').name = 'renamed';
    const again = modelOfBytes(await modelToBytes(model));
    const expected = everything();
    const sub = expected.graph?.node?.[1]?.attribute?.find(({ name }) => name === 'g')?.g?.node?.[1];
    if (sub !== undefined) sub.name = 'renamed';
    expect(again).toEqual(modelOfBytes(bytesOfModel(expected)));
  });
});

/** Texts that are present but empty, and zeros of enums, are the same as absent ones. */
function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, entry]) => entry !== null && !(entry === '' && key !== 'value'))
      .map(([key, entry]) => [key, canonical(entry)]),
  );
}

describe('bytes of other writers', () => {
  test.each<readonly [string, Uint8Array]>([
    [
      'fields in descending order',
      Uint8Array.of(
        ...bytesOfModel({ opsetImport: [{ version: 21n }] }),
        ...bytesOfModel({ graph: addModel().graph ?? null }),
        8,
        10,
      ),
    ],
    [
      'a varint of more bytes than it needs',
      Uint8Array.of(0x08, 0x8a, 0x80, 0x00, ...bytesOfModel({ graph: addModel().graph ?? null })),
    ],
    [
      'a graph in two pieces',
      Uint8Array.of(
        8,
        10,
        ...bytesOfModel({ graph: { ...addModel().graph, node: [], output: [] } }),
        ...bytesOfModel({ graph: { node: addModel().graph?.node ?? [], output: addModel().graph?.output ?? [] } }),
      ),
    ],
    ['a scalar that is there twice', Uint8Array.of(8, 3, 8, 10, ...bytesOfModel({ graph: addModel().graph ?? null }))],
    [
      'unknown fields of every wire type',
      Uint8Array.of(
        ...bytesOfModel(addModel()),
        0xc0,
        0x3e,
        1,
        0xc1,
        0x3e,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        ...unknownField,
        0xc5,
        0x3e,
        1,
        2,
        3,
        4,
        0xc3,
        0x3e,
        8,
        1,
        0xc4,
        0x3e,
      ),
    ],
  ])('%s', async (_title, bytes) => {
    const model = await load(bytes);
    expect(model.irVersion).toBe(10);
    expect(model.graph.nodeCount).toBe(1);
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
    // And once something changed, the rest is still said.
    model.graph.touch();
    model.producerName = 'changed';
    const again = modelOfBytes(await modelToBytes(model));
    expect(again.producerName).toBe('changed');
    expect(again.graph).toEqual(modelOfBytes(bytesOfModel(addModel())).graph);
  });

  test('packed and unpacked numbers read the same', async () => {
    const base = modelOf({
      node: [node('Op', [], ['y'], { attribute: [{ name: 'a', type: 7 }] })],
      output: [valueInfo('y')],
    });
    const unpacked = { ...base };
    unpacked.graph =
      modelOf({
        node: [node('Op', [], ['y'], { attribute: [{ name: 'a', type: 7, ints: [1n, -1n] }] })],
        output: [valueInfo('y')],
      }).graph ?? null;
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    const packed = Uint8Array.of(0x0a, 1, 0x61, 0xa0, 1, 7, 0x42, 11, 1, ...minusOne);
    const op = Uint8Array.of(0x12, 1, 0x79, 0x22, 2, 0x4f, 0x70, 0x2a, packed.byteLength, ...packed);
    const graphBytes = Uint8Array.of(0x0a, op.byteLength, ...op, 0x62, 3, 0x0a, 1, 0x79);
    const bytes = Uint8Array.of(8, 10, 0x3a, graphBytes.byteLength, ...graphBytes);
    for (const source of [bytes, bytesOfModel(unpacked)]) {
      const [first] = (await load(source)).graph.nodes;
      expect(first?.attributes.get('a')).toMatchObject({ kind: 'ints', value: [1n, -1n] });
    }
  });

  test('unknown fields outlive a change of the message they are in, and of its neighbours', async () => {
    const proto = addModel();
    const [add] = proto.graph?.node ?? [];
    const [weight] = proto.graph?.initializer ?? [];
    withUnknown(proto);
    withUnknown(proto.graph ?? {});
    withUnknown(add ?? {});
    withUnknown(weight ?? {});
    withUnknown(proto.graph?.input?.[0] ?? {});
    withUnknown(proto.opsetImport?.[0] ?? {});
    const bytes = bytesOfModel(proto);
    expect(countOf(bytes, unknownField)).toBe(6);
    const model = await load(bytes);
    nodeNamed(model, 'add').name = 'sum';
    model.graph.name = 'other';
    model.opsetImports = new Map([['', 22]]);
    for (const value of model.graph.inputs) value.type = { kind: 'tensor', dataType: 'float', shape: [3] };
    const again = await modelToBytes(model);
    expect(countOf(again, unknownField)).toBe(6);
    expect(modelOfBytes(again).graph?.node?.[0]?.name).toBe('sum');
    expect(modelOfBytes(again).opsetImport?.[0]?.version).toBe(22n);
  });

  test('names that are not UTF-8 stay distinct and come back, also when they are encoded anew', async () => {
    const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');
    const field = (tag: number, content: Uint8Array): Uint8Array => Uint8Array.of(tag, content.byteLength, ...content);
    const neg = (input: string, output: string): Uint8Array =>
      field(0x0a, Buffer.concat([field(0x0a, latin(input)), field(0x12, latin(output)), field(0x22, latin('Neg'))]));
    const info = (tag: number, name: string): Uint8Array => field(tag, field(0x0a, latin(name)));
    const graph = Buffer.concat([
      neg('x\xe4', 'y\xe4'),
      neg('x\xe4', 'y\xf6'),
      info(0x5a, 'x\xe4'),
      info(0x62, 'y\xe4'),
      info(0x62, 'y\xf6'),
    ]);
    const bytes = Uint8Array.of(8, 10, ...field(0x3a, graph));
    const model = await load(bytes);
    expect(new Set(model.graph.outputs.map(({ name }) => name)).size).toBe(2);
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
    forgetOrigins(model);
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
  });
});

describe('changes', () => {
  test('a renamed value is renamed wherever it is written, branches and annotations included', async () => {
    const model = await load(bytesOfModel(everything()));
    model.graph.inputs[1]?.rename('weight');
    const proto = modelOfBytes(await modelToBytes(model));
    const custom = proto.graph?.node?.[1];
    expect(custom?.input).toEqual(['x', '', 'weight']);
    for (const branch of [
      custom?.attribute?.find(({ name }) => name === 'g')?.g,
      ...(custom?.attribute?.find(({ name }) => name === 'graphs')?.graphs ?? []),
    ]) {
      expect(branch?.node?.[1]?.input?.[1]).toBe('weight');
    }
    expect(proto.graph?.initializer?.[0]?.name).toBe('weight');
    expect(proto.graph?.initializer?.[0]?.rawData).toEqual(everything().graph?.initializer?.[0]?.rawData);
    expect(proto.graph?.input?.[1]).toMatchObject({ name: 'weight', docString: 'with a default' });
    expect(proto.graph?.quantizationAnnotation?.[0]?.quantParameterTensorNames?.[0]?.value).toBe('weight');
    expect(proto.trainingInfo?.[0]?.algorithm?.node?.[0]?.input?.[0]).toBe('weight');
    // What the rename does not concern is as it was.
    expect(proto.functions).toEqual(modelOfBytes(bytesOfModel(everything())).functions);
  });

  test('new nodes, initializers and types are written, removed ones are not', async () => {
    const model = await load(bytesOfModel(addModel()));
    const { graph } = model;
    const add = nodeNamed(model, 'add');
    const axes = addConstant(graph, 'axes', int64Tensor([0n, -1n]));
    const fresh = createNode('Unsqueeze', [graph.inputs[0], axes], ['wide'], {
      attributes: [attribute.int('extra', 9223372036854775807n)],
    });
    fresh.output.type = { kind: 'tensor', dataType: 'float', shape: [1, 'n', undefined] };
    graph.insertBefore(fresh, add);
    add.replaceInput(0, fresh.output);
    const proto = modelOfBytes(await modelToBytes(model));
    expect(proto.graph?.node?.map(({ opType }) => opType)).toEqual(['Unsqueeze', 'Add']);
    expect(proto.graph?.node?.[0]).toMatchObject({
      input: ['x', 'axes'],
      output: ['wide'],
      attribute: [{ name: 'extra', type: 2, i: 9223372036854775807n }],
    });
    expect(proto.graph?.initializer?.[1]).toMatchObject({ name: 'axes', dims: [2n], dataType: 7 });
    expect(proto.graph?.initializer?.[1]?.rawData).toEqual(new Uint8Array(new BigInt64Array([0n, -1n]).buffer));
    expect(proto.graph?.valueInfo).toMatchObject([
      {
        name: 'wide',
        type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 1n }, { dimParam: 'n' }, {}] } } },
      },
    ]);
  });

  test('an initializer of a function body is written as the Constant that it is there', async () => {
    const model = await load(bytesOfModel(everything()));
    const [definition] = model.functions;
    const elu = [...(definition?.body.nodes ?? [])][1];
    if (definition === undefined || elu === undefined) throw new Error('no function');
    const two = addConstant(definition.body, 'two', new Tensor('float', [], new Uint8Array(4)));
    elu.replaceInput(1, two);
    const again = modelOfBytes(await modelToBytes(model)).functions?.[0];
    expect(again?.node?.map(({ opType }) => opType)).toEqual(['Constant', 'LeakyRelu', 'Elu']);
    expect(again?.node?.[0]).toMatchObject({
      output: ['two'],
      attribute: [{ name: 'value', type: 4, t: { dataType: 1 } }],
    });
    expect(again?.attributeProto).toEqual(modelOfBytes(bytesOfModel(everything())).functions?.[0]?.attributeProto);
  });

  test('the spelling of a domain is kept when its node or version changes', async () => {
    const proto: ModelProto = {
      ...addModel(),
      opsetImport: [{ domain: 'ai.onnx', version: 12n }],
    };
    const [add] = proto.graph?.node ?? [];
    if (add !== undefined) add.domain = 'ai.onnx';
    const model = await load(bytesOfModel(proto));
    expect(nodeNamed(model, 'add').domain).toBe('');
    expect(model.opsetVersion('')).toBe(12);
    nodeNamed(model, 'add').name = 'sum';
    model.opsetImports = new Map([['', 13]]);
    const again = modelOfBytes(await modelToBytes(model));
    expect(again.graph?.node?.[0]).toMatchObject({ name: 'sum', domain: 'ai.onnx' });
    expect(again.opsetImport).toMatchObject([{ domain: 'ai.onnx', version: 13n }]);
  });

  test('a second declaration of a value is dropped once the value has another type', async () => {
    const proto = addModel();
    if (proto.graph) proto.graph.valueInfo = [valueInfo('y')];
    const model = await load(bytesOfModel(proto));
    const again = async () => modelOfBytes(await modelToBytes(model)).graph?.valueInfo;
    model.graph.touch();
    expect(await again()).toMatchObject([{ name: 'y' }]);
    const [y] = model.graph.outputs;
    if (y !== undefined) y.type = { kind: 'tensor', dataType: 'float', shape: [3] };
    expect(await again()).toEqual([]);
  });

  test('a graph input that is also an output keeps both declarations', async () => {
    const proto = modelOf({
      node: [node('Neg', ['x'], ['y'], { name: 'neg' })],
      input: [valueInfo('x', floatType(1))],
      output: [valueInfo('x', floatType('n')), valueInfo('y')],
    });
    const model = await load(bytesOfModel(proto));
    nodeNamed(model, 'neg').name = 'other';
    const { graph } = modelOfBytes(await modelToBytes(model));
    expect([graph?.input?.[0]?.type, graph?.output?.[0]?.type]).toEqual(
      modelOfBytes(
        bytesOfModel({ graph: { input: [valueInfo('', floatType(1)), valueInfo('', floatType('n'))] } }),
      ).graph?.input?.map(({ type }) => type),
    );
  });

  test('a computed tensor is evaluated in pieces of bounded size', async () => {
    const count = 5_000_000;
    const model = await load(bytesOfModel(addModel(2)));
    const pieces: number[] = [];
    const payload = new ComputedPayload(count * 4, 4, async (offset, length) => {
      pieces.push(length);
      return Uint8Array.from({ length }, (_, index) => (offset + index) & 255);
    });
    const w = [...model.graph.initializers][0];
    if (w !== undefined) w.initializer = new Tensor('float', [count], payload, { name: 'w' });
    const rawData = modelOfBytes(await modelToBytes(model)).graph?.initializer?.[0]?.rawData ?? new Uint8Array(0);
    expect(rawData.byteLength).toBe(count * 4);
    expect(
      Buffer.compare(
        rawData,
        Uint8Array.from({ length: count * 4 }, (_, index) => index & 255),
      ),
    ).toBe(0);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(8 * 1024 * 1024);
  });
});

describe('long payloads', () => {
  const count = 50_000;

  test('stay in the file, and are copied when something else changes', async () => {
    const proto = addModel(count);
    proto.graph?.node?.push(
      node('Constant', [], ['c'], { attribute: [{ name: 'value', type: 4, t: floatTensor('', count) }] }),
    );
    const bytes = bytesOfModel(proto);
    const model = await load(bytes);
    const [w] = model.graph.initializers;
    expect(w?.initializer?.isResident).toBe(false);
    nodeNamed(model, 'add').name = 'sum';
    const again = await modelToBytes(model);
    if (proto.graph?.node?.[0]) proto.graph.node[0].name = 'sum';
    expect(Buffer.compare(again, bytesOfModel(proto))).toBe(0);
  });

  test('are read in any piece', async () => {
    const model = await load(bytesOfModel(addModel(count)));
    const payload = [...model.graph.initializers][0]?.initializer?.payload;
    const whole = floatTensor('w', count).rawData ?? new Uint8Array(0);
    expect(Buffer.compare((await payload?.read(0, count * 4)) ?? whole.subarray(1), whole)).toBe(0);
    expect(await payload?.read(12345, 777)).toEqual(whole.subarray(12345, 12345 + 777));
  });

  test('a tensor of up to maximumResidentBytes is in memory', async () => {
    const bytes = bytesOfModel(addModel(count));
    const resident = async (limit?: number) =>
      [...(await load(bytes, limit)).graph.initializers][0]?.initializer?.isResident;
    expect(await resident(count * 4)).toBe(true);
    expect(await resident(count * 4 - 1)).toBe(false);
    expect(await resident()).toBe(false);
  });
});
