/**
 * The standard's node cases with inputs turned into what a parser may or may not take for a constant. In the cases every input
 * is a runtime input, while in real models weights, axes and shapes are stored or are computed from what is stored.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AttributeProto,
  decodeMessage,
  encodeMessage,
  type ModelProto,
  type NodeProto,
  onnx,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/wire/codec.ts';
import { type CaseRecord, fileOf, type NodeCases } from './node-cases.ts';

export interface Variant {
  /** `all.weights`, `rest.identity`, `1.cast`: which inputs, and what became of them. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What takes the place of an input; undefined where the form cannot hold the tensor. */
interface Replacement {
  readonly initializers: readonly TensorProto[];
  readonly nodes: readonly NodeProto[];
}

/** `source` is an input of at least one dimension that stays a runtime input. */
type Form = (name: string, tensor: TensorProto, opset: number, source: string | undefined) => Replacement | undefined;

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;
/** Bytes of an element, of the types that an Add takes in TensorRT. */
const sizes: ReadonlyMap<number, number> = new Map([
  [FLOAT, 4],
  [INT32, 4],
  [INT64, 8],
  [10, 2],
  [16, 2],
]);
/** Values of AttributeType in onnx.proto. */
const INT_ATTRIBUTE = 2;
const TENSOR_ATTRIBUTE = 4;

function node(opType: string, input: readonly string[], output: string, attribute: AttributeProto[] = []): NodeProto {
  return { opType, input: [...input], output: [output], name: `made_${output}`, attribute };
}

function integers(name: string, values: readonly bigint[], isScalar = false): TensorProto {
  return {
    name,
    dataType: INT64,
    dims: isScalar ? [] : [BigInt(values.length)],
    rawData: new Uint8Array(BigInt64Array.from(values).buffer),
  };
}

/** An element that stands for all of them, as bytes. */
function uniformElement({ rawData, dataType }: TensorProto): Uint8Array | undefined {
  const size = sizes.get(dataType ?? 0);
  if (size === undefined || rawData === undefined || rawData === null || rawData.length < size) return undefined;
  const isUniform = rawData.every((byte, index) => byte === rawData[index % size]);
  return isUniform ? rawData.subarray(0, size) : undefined;
}

function int64Values({ rawData, dataType }: TensorProto): readonly bigint[] | undefined {
  if (dataType !== INT64 || rawData === undefined || rawData === null) return undefined;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.length);
  return Array.from({ length: rawData.length / 8 }, (_, index) => view.getBigInt64(8 * index, true));
}

/** No larger tensor is stored for the sake of its shape. */
const MAXIMUM_ELEMENTS = 4096n;

const forms: Readonly<Record<string, Form>> = {
  weights: (name, tensor) => ({ initializers: [{ ...tensor, name }], nodes: [] }),
  constant: (name, tensor) => ({
    initializers: [],
    nodes: [node('Constant', [], name, [{ name: 'value', t: tensor, type: TENSOR_ATTRIBUTE }])],
  }),
  identity: (name, tensor) => ({
    initializers: [{ ...tensor, name: `${name}_stored` }],
    nodes: [node('Identity', [`${name}_stored`], name)],
  }),
  /** An int64 is stored as int32, and the other way round; anything else is cast to what it is. */
  cast(name, tensor, opset) {
    const { dataType, rawData } = tensor;
    if (opset < 6 || dataType === undefined || dataType === null || rawData === undefined || rawData === null)
      return undefined;
    const wide = int64Values(tensor);
    let stored = tensor;
    if (wide?.every((value) => BigInt.asIntN(32, value) === value) === true)
      stored = { ...tensor, dataType: INT32, rawData: new Uint8Array(Int32Array.from(wide, Number).buffer) };
    return {
      initializers: [{ ...stored, name: `${name}_stored` }],
      nodes: [node('Cast', [`${name}_stored`], name, [{ name: 'to', i: BigInt(dataType), type: INT_ATTRIBUTE }])],
    };
  },
  /** The sum of two initializers, one of them a zero. */
  sum(name, tensor, opset) {
    const size = sizes.get(tensor.dataType ?? 0);
    if (opset < 7 || size === undefined || tensor.dataType === undefined) return undefined;
    const zero: TensorProto = {
      name: `${name}_zero`,
      dataType: tensor.dataType,
      dims: [],
      rawData: new Uint8Array(size),
    };
    return {
      initializers: [{ ...tensor, name: `${name}_stored` }, zero],
      nodes: [node('Add', [`${name}_stored`, `${name}_zero`], name)],
    };
  },
  /** As PyTorch exports an axis: the constant, reshaped by a constant. */
  reshape(name, tensor, opset) {
    if (opset < 5 || tensor.dims?.some((dim) => dim === 0n) === true) return undefined;
    return {
      initializers: [{ ...tensor, name: `${name}_stored` }, integers(`${name}_shape`, tensor.dims ?? [])],
      nodes: [node('Reshape', [`${name}_stored`, `${name}_shape`], name)],
    };
  },
  fill(name, tensor, opset) {
    const element = uniformElement(tensor);
    if (opset < 9 || element === undefined || tensor.dataType === undefined) return undefined;
    const value: TensorProto = { dataType: tensor.dataType, dims: [1n], rawData: element };
    return {
      initializers: [integers(`${name}_shape`, tensor.dims ?? [])],
      nodes: [node('ConstantOfShape', [`${name}_shape`], name, [{ name: 'value', t: value, type: TENSOR_ATTRIBUTE }])],
    };
  },
  /** The shape of an initializer. */
  shape(name, tensor) {
    const values = int64Values(tensor);
    const elements = values?.reduce((product, value) => product * value, 1n) ?? 0n;
    if (values === undefined || tensor.dims?.length !== 1 || values.some((value) => value < 1n)) return undefined;
    if (elements > MAXIMUM_ELEMENTS) return undefined;
    const stored: TensorProto = {
      name: `${name}_stored`,
      dataType: FLOAT,
      dims: [...values],
      rawData: new Uint8Array(4 * Number(elements)),
    };
    return { initializers: [stored], nodes: [node('Shape', [stored.name ?? ''], name)] };
  },
  /** One element picked out of a vector, or the elements of a longer vector, as shape arithmetic does. */
  gather(name, tensor, opset) {
    const values = int64Values(tensor);
    if (opset < 1 || values === undefined || values.length === 0 || (tensor.dims?.length ?? 0) > 1) return undefined;
    const isScalar = tensor.dims?.length === 0;
    const indices = isScalar ? [1n] : values.map((_, index) => BigInt(index + 1));
    return {
      initializers: [integers(`${name}_table`, [7n, ...values]), integers(`${name}_indices`, indices, isScalar)],
      nodes: [node('Gather', [`${name}_table`, `${name}_indices`], name)],
    };
  },
  /** The two halves along the first axis, put together. */
  concat(name, tensor) {
    const { dims: [count = 0n, ...rest] = [], rawData } = tensor;
    if (count < 2n || rawData === undefined || rawData === null || rawData.length % Number(count) !== 0)
      return undefined;
    const cut = rawData.length / Number(count);
    const first = { ...tensor, name: `${name}_first`, dims: [1n, ...rest], rawData: rawData.subarray(0, cut) };
    const others = { ...tensor, name: `${name}_others`, dims: [count - 1n, ...rest], rawData: rawData.subarray(cut) };
    const axis: AttributeProto = { name: 'axis', i: 0n, type: INT_ATTRIBUTE };
    return { initializers: [first, others], nodes: [node('Concat', [first.name, others.name], name, [axis])] };
  },
  /** One more dimension is stored, and taken away. */
  squeeze(name, tensor, opset) {
    if (opset < 13) return undefined;
    return {
      initializers: [
        { ...tensor, name: `${name}_stored`, dims: [1n, ...(tensor.dims ?? [])] },
        integers(`${name}_axes`, [0n]),
      ],
      nodes: [node('Squeeze', [`${name}_stored`, `${name}_axes`], name)],
    };
  },
  /** Through an Identity, a Cast to its own type, and another Identity. */
  chain(name, tensor, opset) {
    const { dataType } = tensor;
    if (opset < 6 || dataType === undefined || dataType === null) return undefined;
    const to: AttributeProto = { name: 'to', i: BigInt(dataType), type: INT_ATTRIBUTE };
    return {
      initializers: [{ ...tensor, name: `${name}_stored` }],
      nodes: [
        node('Identity', [`${name}_stored`], `${name}_copy`),
        node('Cast', [`${name}_copy`], `${name}_cast`, [to]),
        node('Identity', [`${name}_cast`], name),
      ],
    };
  },
  /** Integers that are computed from the shape of an input: `n - n` is added to what is stored. */
  measured(name, tensor, opset, source) {
    if (opset < 7 || source === undefined || tensor.dataType !== INT64) return undefined;
    return {
      initializers: [{ ...tensor, name: `${name}_stored` }, integers(`${name}_position`, [0n], true)],
      nodes: [
        node('Shape', [source], `${name}_sizes`),
        node('Gather', [`${name}_sizes`, `${name}_position`], `${name}_size`),
        node('Sub', [`${name}_size`, `${name}_size`], `${name}_zero`),
        node('Add', [`${name}_stored`, `${name}_zero`], name),
      ],
    };
  },
};

/** The forms that are tried with data of unknown extents, too; one for each kind of thing that a parser may take for a constant. */
const dynamicForms = ['weights', 'cast', 'sum', 'measured'];

/** Forms that say the same as another one of nearly every operator: they are tried with all inputs at once only. */
const rareForms = ['constant', 'fill', 'concat', 'squeeze', 'chain'];

/** All variants of a case, in a fixed order. */
export function* variantsOf(opened: NodeCases, record: CaseRecord): IterableIterator<Variant> {
  const folder = opened.folderOf(record);
  const bytes = readFileSync(join(folder, 'model.onnx'));
  const tensors = record.inputs.flatMap(({ name, kind }, index) =>
    kind === 'tensor'
      ? [{ name, index, tensor: decodeMessage(onnx.TensorProto, fileOf(folder, `input_${index}`)) }]
      : [],
  );
  const model = decodeMessage(onnx.ModelProto, bytes);
  const opset = Number(model.opsetImport?.find(({ domain }) => (domain ?? '') === '')?.version ?? 0n);
  if (tensors.length === 0) return;
  const choices: [string, typeof tensors][] = [['all', tensors]];
  if (tensors.length > 2) choices.push(['rest', tensors.slice(1)]);
  if (tensors.length > 1) for (const entry of tensors) choices.push([`${entry.index}`, [entry]]);
  for (const [choice, chosen] of choices)
    for (const [form, replace] of Object.entries(forms)) {
      if (rareForms.includes(form) && choice !== 'all' && choice !== 'rest') continue;
      const source = tensors.find(
        ({ name, tensor }) => tensor.dims?.length !== 0 && !chosen.some((one) => one.name === name),
      );
      const replaced = new Map<string, Replacement>();
      for (const { name, tensor } of chosen) {
        const replacement = replace(name, tensor, opset, source?.name);
        if (replacement !== undefined) replaced.set(name, replacement);
      }
      if (replaced.size === 0) continue;
      const changed = withReplaced(model, replaced);
      yield { name: `${choice}.${form}`, bytes: encodeMessage(onnx.ModelProto, changed) };
      if (source !== undefined && dynamicForms.includes(form))
        yield { name: `${choice}.${form}.dynamic`, bytes: encodeMessage(onnx.ModelProto, withUnknownExtents(changed)) };
    }
}

/** Every extent of an input by a name of its own, and outputs of which no extent is said. */
function withUnknownExtents(model: ModelProto): ModelProto {
  const graph = model.graph ?? {};
  const blurred = (values: readonly ValueInfoProto[]): ValueInfoProto[] =>
    values.map((value) => {
      const { type, name } = value;
      const shape = type?.tensorType?.shape;
      if (shape === undefined || shape === null) return value;
      const dim = (shape.dim ?? []).map((_, axis) => ({ dimParam: `${name ?? ''}_${axis}` }));
      return { ...value, type: { ...type, tensorType: { ...type?.tensorType, shape: { dim } } } };
    });
  return { ...model, graph: { ...graph, input: blurred(graph.input ?? []), output: blurred(graph.output ?? []) } };
}

function withReplaced(model: ModelProto, replaced: ReadonlyMap<string, Replacement>): ModelProto {
  const graph = model.graph ?? {};
  const made = [...replaced.values()];
  return {
    ...model,
    // Before IR 4 every initializer had to be an input as well.
    irVersion: (model.irVersion ?? 0n) < 4n ? 4n : (model.irVersion ?? 4n),
    graph: {
      ...graph,
      input: (graph.input ?? []).filter(({ name }) => !replaced.has(name ?? '')),
      initializer: [...(graph.initializer ?? []), ...made.flatMap(({ initializers }) => initializers)],
      node: [...made.flatMap(({ nodes }) => nodes), ...(graph.node ?? [])],
    },
  };
}
