/**
 * Folds whose result is large, or whose inputs are not in memory: the result is a computed payload, evaluated when the
 * model is saved. Only operators that cannot refuse once their shapes are known take part, since by then it is too late.
 */
import { invariant } from '../base/errors.ts';
import { byteLengthOf, type DataType, isFloatType, isIntegerType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import { ComputedPayload, elementCountOf, ResidentPayload, Tensor } from '../ir/tensor.ts';
import { attributesOf } from '../opset/attributes.ts';
import { arrayOf, bytesOfArray, type NDArray } from './array.ts';
import { evaluateArrays, findRecipe } from './evaluate-node.ts';
import { integersIn, normalAxis } from './kernel.ts';
import { KernelRefusal } from './refusal.ts';
import { indicesIn } from './kernels/gather.ts';
import { transposedPayload } from './transposed-payload.ts';

/** All inputs and the result are in memory at once while such a tensor is saved: nodes on more data than this stay. */
export const MAXIMUM_DEFERRED_BYTES = 1 << 30;

/** Nothing but the dims changes: the result shares the payload of its input, in the file it lies in. */
const shapeOperators: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Exact, of one output, and defined for all elements. Inputs from the second on are parameters, unless `operands`. */
const movementOperators: ReadonlySet<string> = new Set([
  'Transpose',
  'Expand',
  'Tile',
  'Slice',
  'Pad',
  'DepthToSpace',
  'SpaceToDepth',
  'Gather',
  'Trilu',
]);
const operandOperators: ReadonlySet<string> = new Set(['Concat', 'Where', 'Add', 'Sub', 'Mul', 'Neg', 'Abs', 'Relu']);
/** Defined for all floats, but not for integers (0 as a divisor). */
const floatOperators: ReadonlySet<string> = new Set(['Div', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round']);

/**
 * The folded output of `node`, whose type and dims are known, without computing it; undefined when it must be computed now.
 * Costs the memory of one input set and one result while the model is saved, and only then.
 */
export function deferredFold(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  dataType: DataType,
  dims: readonly number[],
): Tensor | undefined {
  const first = inputs[0];
  if (first === undefined || node.domain !== '' || node.outputs.length !== 1 || dataType === 'string') return undefined;
  const name = node.output.name;
  if (inputs.some((tensor) => tensor?.strings !== undefined)) return undefined;
  const dataTypes = inputs.map((tensor) => tensor?.dataType);
  if ('refusal' in findRecipe(node, dataTypes)) return undefined;
  if (shapeOperators.has(node.opType)) {
    if (first.dataType !== dataType || first.elementCount !== elementCountOf(dims)) return undefined;
    return new Tensor(dataType, dims, first.payload, {
      name,
      ...(first.external !== undefined && { external: first.external }),
    });
  }
  if (!isDeferrable(node, inputs, dataType)) return undefined;
  const inBlocks = node.opType === 'Transpose' ? transposedInBlocks(node, first) : undefined;
  if (inBlocks !== undefined) return new Tensor(dataType, dims, inBlocks, { name });
  const bytes = inputs.reduce(
    (sum, tensor) => sum + (tensor?.byteLength ?? 0),
    byteLengthOf(dataType, elementCountOf(dims)),
  );
  if (bytes > MAXIMUM_DEFERRED_BYTES) return undefined;
  return new Tensor(dataType, dims, lazyResult(node, inputs, dataType, dims), { name });
}

function isDeferrable(node: Node, inputs: readonly (Tensor | undefined)[], dataType: DataType): boolean {
  const { opType } = node;
  const source = inputs[0]?.dataType;
  if (source === undefined) return false;
  if (opType === 'Cast') {
    // Floats to integers may be out of range; the rarer formats have gaps of their own.
    const plain = (type: DataType): boolean =>
      ['float', 'double', 'float16', 'bfloat16', 'bool'].includes(type) || isIntegerType(type);
    return plain(source) && plain(dataType) && !(isFloatType(source) && isIntegerType(dataType));
  }
  if (movementOperators.has(opType)) {
    const parameters = inputs.slice(1);
    if (parameters.some((tensor) => tensor !== undefined && !tensor.isResident)) return false;
    return isWellFormedMovement(node, inputs);
  }
  // Before opset 7 operands broadcast by an attribute, which inference does not check to the end.
  if ((node.graph?.opsetVersion('') ?? 0) < 7) return false;
  if (operandOperators.has(opType)) return opType === 'Where' || inputs.every((tensor) => tensor?.dataType === source);
  return floatOperators.has(opType) && isFloatType(source);
}

function transposedInBlocks(node: Node, { payload, dataType, dims }: Tensor): ComputedPayload | undefined {
  const perm = attributesOf(node).numbers('perm') ?? [...dims.keys()].reverse();
  return transposedPayload(payload, dataType, dims, perm);
}

/** What a kernel would refuse although the shape of the result can be told. */
function isWellFormedMovement(node: Node, inputs: readonly (Tensor | undefined)[]): boolean {
  const attributes = attributesOf(node);
  switch (node.opType) {
    case 'Gather':
      return hasValidIndices(node, inputs);
    case 'Transpose':
      return attributes.numbers('perm')?.every((axis) => axis >= 0) !== false;
    case 'Expand':
      return inputs[1] === undefined || integersIn(arrayOf(inputs[1])).every((size) => size >= 0n);
    case 'Pad':
      return (attributes.string('mode') ?? 'constant') === 'constant' && (inputs[2]?.elementCount ?? 1) === 1;
    default:
      return true;
  }
}

function hasValidIndices(node: Node, inputs: readonly (Tensor | undefined)[]): boolean {
  const [data, indices] = inputs;
  if (data === undefined || indices === undefined) return false;
  try {
    const axis = normalAxis(attributesOf(node).int('axis') ?? 0n, data.dims.length);
    indicesIn(arrayOf(indices), data.dims[axis] ?? 0, (node.graph?.opsetVersion('') ?? 0) >= 11);
    return true;
  } catch (error) {
    if (error instanceof KernelRefusal) return false;
    throw error;
  }
}

/**
 * The payload: reads all inputs and runs the kernel at the first read. The saver reads from front to back, each piece into a buffer of
 * its own, so the memory is given back with the last byte: the collector would come too late for one large tensor after the other.
 * Who reads without a buffer gets a view, which stays; a later pass then finds the result again if it has not been collected yet.
 */
function lazyResult(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  dataType: DataType,
  dims: readonly number[],
): ComputedPayload {
  const byteLength = byteLengthOf(dataType, elementCountOf(dims));
  const opset = node.graph?.opsetVersion(node.domain);
  invariant(opset !== undefined, 'a node is folded while it is in its graph');
  // The node, and perhaps its graph, leave the model before the payload is read: what the kernel needs of it is kept.
  const attributes = new Map(node.attributes);
  let kept: Promise<Computed> | undefined;
  let weak: WeakRef<Computed> | undefined;
  let readers = 0;
  const compute = async (): Promise<Computed> => {
    const own = new Set<ArrayBufferLike>();
    const arrays = await Promise.all(inputs.map((tensor) => tensor && readOwnArray(tensor, own)));
    const result = evaluateArrays(node, arrays, { attributes, opset });
    invariant(!('refusal' in result), `a deferred fold of ${node.operator} was refused`);
    const array = result.outputs[0];
    invariant(
      array?.dataType === dataType && array.dims.join() === dims.join(),
      `a deferred ${node.operator} gave another type or shape than inferred`,
    );
    const bytes = bytesOfArray(array);
    // A kernel may hand on an input as it is.
    const isOwn =
      own.delete(bytes.buffer) || arrays.every((input) => input === undefined || !sharesMemory(input, bytes));
    for (const buffer of own) giveBack(buffer);
    const computed = { bytes, isOwn };
    weak = new WeakRef(computed);
    return computed;
  };
  return new ComputedPayload(byteLength, 1, async (offset, length, into) => {
    readers++;
    let computed: Computed;
    try {
      computed = weak?.deref() ?? (await (kept ??= compute()));
    } finally {
      readers--;
    }
    const isLast = offset + length >= byteLength;
    kept = isLast ? undefined : Promise.resolve(computed);
    const part = computed.bytes.subarray(offset, offset + length);
    if (into === undefined) {
      computed.isOwn = false;
      return part;
    }
    const copy = into.subarray(0, length);
    copy.set(part);
    // A node may read the same tensor twice, at once.
    if (isLast && computed.isOwn && readers === 0) {
      weak = undefined;
      giveBack(computed.bytes.buffer);
    }
    return copy;
  });
}

interface Computed {
  readonly bytes: Uint8Array;
  /** Nobody else sees this memory. */
  isOwn: boolean;
}

function sharesMemory({ data }: NDArray, { buffer }: Uint8Array): boolean {
  return !ArrayBuffer.isView(data) || data.buffer === buffer;
}

/** Frees the memory at once, where the engine can (ECMAScript 2024); elsewhere the collector does. */
function giveBack(buffer: ArrayBufferLike): void {
  const transferable = buffer as { transfer?(byteLength: number): unknown };
  transferable.transfer?.(0);
}

/** As `readArray`; memory that was made for it, and that nobody else sees, is noted in `own`. */
async function readOwnArray(tensor: Tensor, own: Set<ArrayBufferLike>): Promise<NDArray> {
  if (tensor.isResident) return arrayOf(tensor);
  const { payload } = tensor;
  const into = new Uint8Array(payload.byteLength);
  const bytes = await payload.read(0, payload.byteLength, into);
  const array = arrayOf(tensor.withPayload(new ResidentPayload(bytes)));
  if (bytes.buffer === into.buffer) own.add(into.buffer);
  return array;
}

/** The elements of a tensor wherever they are: the whole payload is read. */
export async function readArray(tensor: Tensor): Promise<NDArray> {
  if (tensor.isResident) return arrayOf(tensor);
  const { payload } = tensor;
  return arrayOf(tensor.withPayload(new ResidentPayload(await payload.read(0, payload.byteLength))));
}
