/** Models as messages, for tests of reading and writing. */
import {
  type AttributeProto,
  decodeMessage,
  encodeMessage,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  onnx,
  type TensorProto,
  type TypeProto,
  type ValueInfoProto,
} from '../../src/wire/codec.ts';

export function bytesOfModel(model: ModelProto): Uint8Array {
  return encodeMessage(onnx.ModelProto, model);
}

export function modelOfBytes(bytes: Uint8Array): ModelProto {
  return decodeMessage(onnx.ModelProto, bytes);
}

export function floatType(...dims: (number | string)[]): TypeProto {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: BigInt(size) } : { dimParam: size }));
  return { tensorType: { elemType: 1, shape: { dim } } };
}

export function valueInfo(name: string, type: TypeProto = floatType(2)): ValueInfoProto {
  return { name, type };
}

export function node(opType: string, input: string[], output: string[], rest: NodeProto = {}): NodeProto {
  return { opType, input, output, ...rest };
}

/** A float tensor [n] with the bytes 1, 2, 3, ... repeated. */
export function floatTensor(name: string, count: number): TensorProto {
  const rawData = Uint8Array.from({ length: count * 4 }, (_, index) => (index * 7 + 1) % 251);
  return { name, dims: [BigInt(count)], dataType: 1, rawData };
}

export function modelOf(graph: GraphProto, rest: ModelProto = {}): ModelProto {
  return { irVersion: 10n, opsetImport: [{ domain: '', version: 21n }], graph: { name: 'main', ...graph }, ...rest };
}

/** A model of one Add with an initializer of `count` floats. */
export function addModel(count = 2): ModelProto {
  return modelOf({
    node: [node('Add', ['x', 'w'], ['y'], { name: 'add' })],
    initializer: [floatTensor('w', count)],
    input: [valueInfo('x', floatType(count))],
    output: [valueInfo('y', floatType(count))],
  });
}

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

const metadata = [
  { key: 'a', value: '1' },
  { key: 'b', value: '' },
];

const dense: TensorProto = {
  name: 'dense',
  dims: [2n],
  dataType: 7,
  rawData: new Uint8Array(16).fill(3),
  docString: 'a tensor',
  metadataProps: metadata,
};
const strings: TensorProto = {
  name: 'strings',
  dims: [3n],
  dataType: 8,
  stringData: [Uint8Array.of(0xff, 0xfe), new Uint8Array(0), Uint8Array.of(0x61)],
};
const external: TensorProto = {
  name: 'external',
  dims: [1000n, 1000n],
  dataType: 10,
  externalData: [
    { key: 'location', value: 'weights.bin' },
    { key: 'offset', value: '4096' },
    { key: 'length', value: '2000000' },
    { key: 'something', value: 'else' },
  ],
  dataLocation: 1,
};
const sparse = {
  values: { name: 'sparse', dims: [2n], dataType: 1, rawData: new Uint8Array(8).fill(1) },
  indices: {
    name: '',
    dims: [2n],
    dataType: 7,
    rawData: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0),
  },
  dims: [3n, 3n],
};

const types: readonly TypeProto[] = [
  { tensorType: { elemType: 1, shape: { dim: [] } }, denotation: 'IMAGE' },
  { tensorType: { elemType: 28 } },
  {
    sparseTensorType: {
      elemType: 1,
      shape: { dim: [{}, { dimParam: 'n', denotation: 'DATA_BATCH' }, { dimValue: 0n }] },
    },
  },
  { sequenceType: { elemType: { optionalType: { elemType: floatType('batch', 3) } } } },
  { mapType: { keyType: 8, valueType: floatType(1) } },
  { opaqueType: { domain: 'com.example', name: 'Thing' }, denotation: 'x' },
];

function attributes(graph: (prefix: string) => GraphProto): AttributeProto[] {
  return [
    { name: 'f', type: 1, f: 0, docString: 'zero that is there' },
    { name: 'i', type: 2, i: INT64_MIN },
    { name: 'i0', type: 2, i: 0n },
    { name: 's', type: 3, s: Uint8Array.of(0xc3, 0x28) },
    { name: 's0', type: 3, s: new Uint8Array(0) },
    { name: 't', type: 4, t: dense },
    { name: 'text', type: 4, t: strings },
    { name: 'g', type: 5, g: graph('g') },
    { name: 'floats', type: 6, floats: [0, -0, 1.5, Infinity] },
    { name: 'ints', type: 7, ints: [INT64_MAX, -1n, 0n, 1n << 31n, 1n << 53n, (1n << 53n) + 1n] },
    { name: 'no ints', type: 7 },
    { name: 'strings', type: 8, strings: [Uint8Array.of(0x80), new Uint8Array(0)] },
    { name: 'tensors', type: 9, tensors: [dense, strings] },
    { name: 'graphs', type: 10, graphs: [graph('h'), graph('k')] },
    { name: 'sparse', type: 11, sparseTensor: sparse },
    { name: 'sparses', type: 12, sparseTensors: [sparse, sparse] },
    { name: 'tp', type: 13, tp: floatType('n') },
    { name: 'tps', type: 14, typeProtos: [...types] },
  ];
}

/** A model that has every message of the schema, and every field but the typed data of tensors. */
export function everything(): ModelProto {
  const branch = (prefix: string): GraphProto => ({
    name: `${prefix} branch`,
    docString: 'captures x and w',
    node: [
      node('Add', ['x', `${prefix}.w`], [`${prefix}.t`]),
      node('Sub', [`${prefix}.t`, 'w'], [`${prefix}.y`], { name: `${prefix}.sub` }),
    ],
    initializer: [floatTensor(`${prefix}.w`, 2)],
    output: [{ name: `${prefix}.y` }],
    valueInfo: [valueInfo(`${prefix}.t`)],
  });
  const graph: GraphProto = {
    name: 'everything',
    docString: 'graph',
    node: [
      // Not in topological order: the Neg reads what the Custom makes.
      node('Neg', ['custom'], ['out'], { metadataProps: metadata }),
      node('Custom', ['x', '', 'w'], ['custom', '', 'second'], {
        name: 'custom node',
        domain: 'com.example',
        overload: 'v2',
        docString: '',
        attribute: attributes(branch),
        metadataProps: metadata,
        deviceConfigurations: [
          {
            configurationId: 'two',
            pipelineStage: 0,
            shardingSpec: [
              {
                tensorName: 'x',
                device: [-1n, 3n],
                indexToDeviceGroupMap: [{ key: -1n, value: [0n, 1n] }],
                shardedDim: [
                  { axis: 0n, simpleSharding: [{ dimValue: 4n, numShards: 2n }] },
                  { axis: 1n, simpleSharding: [{ dimParam: 'n', numShards: 2n }, { numShards: 1n }] },
                ],
              },
            ],
          },
        ],
      }),
      node('Local', ['x'], ['local'], { domain: 'local' }),
    ],
    initializer: [floatTensor('w', 2), dense, strings, external],
    sparseInitializer: [sparse],
    input: [valueInfo('x'), { ...valueInfo('w'), docString: 'with a default', metadataProps: metadata }],
    output: [valueInfo('out'), valueInfo('second', types[3]), valueInfo('local'), valueInfo('second', types[3])],
    valueInfo: [valueInfo('custom', types[2]), valueInfo('dense', types[0]), valueInfo('nobody', types[4])],
    quantizationAnnotation: [
      { tensorName: 'custom', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 'w' }] },
    ],
    metadataProps: metadata,
  };
  return {
    irVersion: 14n,
    producerName: 'tests',
    producerVersion: '1',
    domain: 'com.example',
    modelVersion: INT64_MAX,
    docString: 'model',
    graph,
    opsetImport: [
      { domain: '', version: 28n },
      { domain: 'com.example', version: 1n },
      { domain: 'local', version: 1n },
    ],
    metadataProps: metadata,
    trainingInfo: [
      {
        initialization: { name: 'init', node: [node('RandomNormal', [], ['w0'])], output: [{ name: 'w0' }] },
        algorithm: {
          name: 'step',
          node: [node('Sub', ['w', 'rate'], ['w1'])],
          initializer: [floatTensor('rate', 1)],
          output: [{ name: 'w1' }],
        },
        initializationBinding: [{ key: 'w', value: 'w0' }],
        updateBinding: [{ key: 'w', value: 'w1' }],
      },
    ],
    functions: [
      {
        name: 'Local',
        domain: 'local',
        overload: '',
        docString: 'a function',
        input: ['a'],
        output: ['b'],
        attribute: ['alpha'],
        attributeProto: [{ name: 'beta', type: 1, f: 0.5 }],
        node: [
          node('LeakyRelu', ['a'], ['c'], { attribute: [{ name: 'alpha', type: 1, refAttrName: 'alpha' }] }),
          node('Elu', ['c'], ['b'], { attribute: [{ name: 'alpha', refAttrName: 'beta' }] }),
        ],
        opsetImport: [{ domain: '', version: 28n }],
        valueInfo: [valueInfo('a'), valueInfo('c')],
        metadataProps: metadata,
      },
    ],
    configuration: [{ name: 'two', numDevices: 2, device: ['gpu0', 'gpu1'] }],
  };
}
