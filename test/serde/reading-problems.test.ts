import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { InvalidModelError, problemText } from '../../src/ir/problem.ts';
import { readingRules } from '../../src/serde/reading-rules.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import {
  type AttributeProto,
  encodeMessage,
  type GraphProto,
  type ModelProto,
  onnx,
  type TensorProto,
} from '../../src/wire/codec.ts';
import { field, fieldHeader } from '../../src/wire/fields.ts';
import { bytesOfModel, floatTensor, modelOf, node, valueInfo } from '../support/protos.ts';

const met = new Set<string>();

async function saidOf(bytes: Uint8Array): Promise<string[]> {
  const model = await loadModel(new MemorySource(bytes, 'm'), { tolerant: true });
  return model.reading.problems.map(({ rule, messageId, effect }) => {
    met.add(rule);
    return `${rule.slice('model/'.length)}/${messageId} ${effect}`;
  });
}

function said(graph: GraphProto, rest: ModelProto = {}): Promise<string[]> {
  return saidOf(bytesOfModel(modelOf(graph, rest)));
}

const io = { input: [valueInfo('x')], output: [valueInfo('y')] };
const relu = node('Relu', ['x'], ['y']);
const initializer = (tensor: TensorProto): GraphProto => ({
  ...io,
  node: [relu],
  initializer: [{ name: 'w', ...tensor }],
});
const withAttribute = (attribute: AttributeProto): GraphProto => ({
  ...io,
  node: [node('Relu', ['x'], ['y'], { attribute: [attribute] })],
});
const floats = (count: number): Uint8Array => new Uint8Array(4 * count).fill(1);

describe('one thing wrong', () => {
  test.each<readonly [title: string, graph: GraphProto, expected: string, rest?: ModelProto]>([
    ['an undefined input', { ...io, node: [node('Relu', ['nope'], ['y'])] }, 'undefined-value/input refuse'],
    ['an undefined output', { ...io, node: [] }, 'undefined-value/output refuse'],
    ['a value that is made twice', { ...io, node: [relu, relu] }, 'duplicate-value/value refuse'],
    ['an initializer without a name', initializer({ ...floatTensor('', 1) }), 'unnamed-initializer/initializer refuse'],
    [
      'data in two fields',
      initializer({ dims: [1n], dataType: 1, floatData: [1], rawData: floats(1) }),
      'tensor-data/severalFields refuse',
    ],
    [
      'data in the field of another type',
      initializer({ dims: [1n], dataType: 1, int64Data: [1n] }),
      'tensor-data/wrongField refuse',
    ],
    [
      'more data than elements',
      initializer({ dims: [1n], dataType: 1, rawData: floats(2) }),
      'tensor-data/tooManyBytes keep',
    ],
    [
      'data of no elements',
      initializer({ dims: [0n], dataType: 1, rawData: floats(1) }),
      'tensor-data/emptyWithData keep',
    ],
    [
      'strings in raw_data',
      initializer({ dims: [1n], dataType: 8, rawData: floats(1) }),
      'tensor-data/rawStrings refuse',
    ],
    [
      'bits behind the last of 6-bit elements',
      initializer({ dims: [1n], dataType: 27, rawData: Uint8Array.of(0xc1) }),
      'tensor-data/paddingBits keep',
    ],
    [
      'a varint without end',
      initializer({
        dims: [1n],
        dataType: 7,
        $unknowns: [Uint8Array.of(0x3a, 11, ...new Array<number>(11).fill(0x80))],
      }),
      'tensor-data/undecodable refuse',
    ],
    [
      'external data without a location',
      initializer({ dims: [1n], dataType: 1, dataLocation: 1 }),
      'external-data/unusable keep',
    ],
    [
      'external data of another length',
      initializer({
        dims: [2n],
        dataType: 1,
        dataLocation: 1,
        externalData: [
          { key: 'location', value: 'w.bin' },
          { key: 'length', value: '4' },
        ],
      }),
      'external-data/wrongLength keep',
    ],
    [
      'external data that is in the model too',
      initializer({
        dims: [1n],
        dataType: 1,
        dataLocation: 1,
        rawData: floats(1),
        externalData: [{ key: 'location', value: 'w.bin' }],
      }),
      'external-data/dataInModel keep',
    ],
    [
      'a sparse tensor without indices',
      { ...io, node: [relu], sparseInitializer: [{ values: floatTensor('s', 1), dims: [4n] }] },
      'sparse-tensor-parts/parts refuse',
    ],
    ['an attribute without a name', withAttribute({ type: 2, i: 1n }), 'attribute-contents/noName refuse'],
    ['an attribute without a type', withAttribute({ name: 'a', i: 1n }), 'attribute-contents/noType keep'],
    [
      'an attribute of one type with a value of another',
      withAttribute({ name: 'a', type: 2, f: 1 }),
      'attribute-contents/holdsOther refuse',
    ],
    [
      'an attribute with two values',
      withAttribute({ name: 'a', type: 2, i: 1n, f: 1 }),
      'attribute-contents/severalValues keep',
    ],
    [
      'a reference with a value',
      withAttribute({ name: 'a', type: 2, i: 1n, refAttrName: 'b' }),
      'attribute-contents/valueAndReference keep',
    ],
    ['an empty type', withAttribute({ name: 'a', type: 14, typeProtos: [{}] }), 'attribute-contents/emptyType refuse'],
    [
      'a key twice',
      { ...io, node: [relu] },
      'duplicate-key/model repair',
      {
        metadataProps: [
          { key: 'k', value: '1' },
          { key: 'k', value: '2' },
        ],
      },
    ],
    [
      'a key of a node twice',
      { ...io, node: [node('Relu', ['x'], ['y'], { metadataProps: [{ key: 'k' }, { key: 'k' }] })] },
      'duplicate-key/other keep',
    ],
    [
      'a domain twice',
      { ...io, node: [relu] },
      'duplicate-opset-import/domain repair',
      { opsetImport: [{ version: 17n }, { domain: 'ai.onnx', version: 18n }] },
    ],
    [
      'a version that is none',
      { ...io, node: [relu] },
      'impossible-opset-import/version refuse',
      { opsetImport: [{ version: 0n }] },
    ],
    [
      'a function without a domain',
      { ...io, node: [relu] },
      'function-header/noDomain keep',
      { functions: [{ name: 'F' }] },
    ],
    [
      'value_info twice',
      { ...io, node: [relu], valueInfo: [valueInfo('y'), valueInfo('y')] },
      'duplicate-value-info/value keep',
    ],
  ])('%s', async (...[, graph, expected, rest]) => {
    expect(await said(graph, rest)).toEqual([expected]);
  });

  test('a model larger than a message may be', async () => {
    const weights = 2 ** 31;
    const tensor = encodeMessage(onnx.TensorProto, { name: 'w', dims: [BigInt(weights)], dataType: 2 });
    const rawData = fieldHeader(field.tensor.rawData, weights);
    const tensorHeader = fieldHeader(field.graph.initializer, tensor.byteLength + rawData.byteLength + weights);
    const graph = encodeMessage(onnx.GraphProto, { name: 'main', ...io, node: [relu] });
    const graphLength = graph.byteLength + tensorHeader.byteLength + tensor.byteLength + rawData.byteLength + weights;
    const model = encodeMessage(onnx.ModelProto, { irVersion: 10n, opsetImport: [{ version: 21n }] });
    const head = Buffer.concat([
      model,
      fieldHeader(field.model.graph, graphLength),
      graph,
      tensorHeader,
      tensor,
      rawData,
    ]);
    const source = {
      name: 'm',
      byteLength: head.byteLength + weights,
      // The weights themselves, all zero, are never asked for in full.
      read: async (offset: number, length: number) => {
        const bytes = new Uint8Array(length);
        bytes.set(head.subarray(Math.min(offset, head.byteLength), offset + length));
        return bytes;
      },
    };
    const { reading } = await loadModel(source, { tolerant: true });
    expect(reading.problems).toMatchObject([{ rule: 'model/oversized-message', effect: 'keep' }]);
    met.add('model/oversized-message');
  });
});

describe('several things wrong', () => {
  const graph: GraphProto = {
    ...io,
    node: [node('Relu', ['nope'], ['y']), node('Neg', ['x', 'neither'], ['y'], { name: 'second' })],
    initializer: [
      { name: 'w', dims: [3n], dataType: 1, rawData: floats(1) },
      { name: 'v', dims: [-3n], dataType: 1, rawData: floats(1) },
    ],
  };

  test('all are told, each with its place', async () => {
    const error: unknown = await loadModel(new MemorySource(bytesOfModel(modelOf(graph)), 'm')).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InvalidModelError);
    const { problems, place, message } = error as InvalidModelError;
    expect(problems.map(problemText)).toEqual([
      "graph main, value w: tensor 'w' has 4 bytes of data, but its type and dims [3] ask for 12",
      "graph main, value v: tensor 'v' has the impossible dimension -3",
      "graph main, node second, value y: value 'y' is defined twice",
      "graph main, node (Relu of y), value nope: input 'nope' of node (Relu of y) is not defined",
      "graph main, node second, value neither: input 'neither' of node second is not defined",
      'graph main, node second: Neg takes at most 1 inputs, but has 2',
    ]);
    expect(problems[4]?.place).toMatchObject({ nodeIndex: 1, opType: 'Neg' });
    expect({ place, message }).toMatchObject({ place: { file: 'm', value: 'w' }, message: problems[0]?.message });
  });

  test('a model that was read in spite of them comes back as it was', async () => {
    const bytes = bytesOfModel(modelOf(graph));
    const model = await loadModel(new MemorySource(bytes), { tolerant: true });
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
  });

  test('what a broken node would have defined is not missed', async () => {
    const whole = bytesOfModel(
      modelOf({ ...io, node: [node('Neg', ['x'], ['t'], { name: 'broken' }), node('Relu', ['t'], ['y'])] }),
    );
    // The name of the first node gets the wire type of a group's end.
    const at = Buffer.from(whole).indexOf('broken') - 2;
    const bytes = Uint8Array.from(whole);
    bytes[at] = 0x1c;
    expect(await saidOf(bytes)).toEqual(['corrupt-message/bytes refuse']);
    const model = await loadModel(new MemorySource(bytes), { tolerant: true });
    expect(model.reading.problems[0]?.place).toMatchObject({ graph: ['main'], nodeIndex: 0, offset: at });
  });
});

test('these tests meet every rule', () => {
  expect(readingRules.map(({ id }) => id).filter((id) => !met.has(id))).toEqual([]);
});
