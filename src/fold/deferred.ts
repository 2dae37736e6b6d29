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
 * The payload: reads all inputs and runs the kernel at the first read. The saver reads from front to back, so the result is
 * let go with the last byte; a later pass over the same tensor finds it again if it has not been collected yet.
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
  let kept: Promise<Uint8Array> | undefined;
  let weak: WeakRef<Uint8Array> | undefined;
  const compute = async (): Promise<Uint8Array> => {
    const arrays = await Promise.all(inputs.map((tensor) => tensor && readArray(tensor)));
    const result = evaluateArrays(node, arrays, { attributes, opset });
    invariant(!('refusal' in result), `a deferred fold of ${node.operator} was refused`);
    const array = result.outputs[0];
    invariant(
      array?.dataType === dataType && array.dims.join() === dims.join(),
      `a deferred ${node.operator} gave another type or shape than inferred`,
    );
    const bytes = bytesOfArray(array);
    weak = new WeakRef(bytes);
    return bytes;
  };
  return new ComputedPayload(byteLength, 1, async (offset, length) => {
    const known = weak?.deref();
    const bytes = known ?? (await (kept ??= compute()));
    kept = offset + length < byteLength ? Promise.resolve(bytes) : undefined;
    return bytes.subarray(offset, offset + length);
  });
}

/** The elements of a tensor wherever they are: the whole payload is read. */
export async function readArray(tensor: Tensor): Promise<NDArray> {
  if (tensor.isResident) return arrayOf(tensor);
  const { payload } = tensor;
  return arrayOf(tensor.withPayload(new ResidentPayload(await payload.read(0, payload.byteLength))));
}
