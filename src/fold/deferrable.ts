/** Which nodes can be computed as late as while the model is saved: none that could refuse then. */
import { type DataType, isFloatType, isIntegerType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import { attributesOf } from '../opset/attributes.ts';
import { arrayOf } from './array.ts';
import { integersIn, normalAxis } from './kernel.ts';
import { indicesIn } from './kernels/gather.ts';
import { KernelRefusal } from './refusal.ts';

/** Nothing but the dims changes: the result shares the payload of its input, in the file it lies in. */
export const shapeOperators: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Exact, and defined for all elements. Inputs from the second on are parameters. */
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
  'Split',
]);
/** Their inputs are operands of one type. */
const operandOperators: ReadonlySet<string> = new Set('Concat Where Add Sub Mul Neg Abs Relu Max Min Sum'.split(' '));
/** The same, defined for all floats, but not for integers (0 as a divisor). */
const floatOperators: ReadonlySet<string> = new Set(
  'Div Sqrt Reciprocal Floor Ceil Round Pow Exp Log Tanh Sigmoid Erf Sin Cos Softplus Softsign Mean'.split(' '),
);
/** Over axes that an attribute or the second input names. */
const reductions: ReadonlySet<string> = new Set(
  'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare'.split(' '),
);

const SURE: ReadonlySet<string> = new Set([
  ...shapeOperators,
  ...operandOperators,
  ...floatOperators,
  ...reductions,
  'Transpose',
  'BatchNormalization',
]);

/** Multiplications and additions of one MatMul: about a second of the kernel's work. */
const MAXIMUM_PRODUCTS = 1 << 28;

/** Type and dims of an output, as inference knows them. */
export interface DeferredResult {
  readonly dataType: DataType;
  readonly dims: readonly number[];
}

/** True for operators of which, given constants, all but ill-formed nodes are folded, wherever the constants lie. */
export function isSurelyDeferrable({ domain, opType }: Node): boolean {
  return domain === '' && SURE.has(opType);
}

/** `results` are those of the wanted outputs. */
export function isDeferrable(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  results: readonly DeferredResult[],
): boolean {
  const { opType } = node;
  const source = inputs[0]?.dataType;
  const [result] = results;
  if (source === undefined || result === undefined) return false;
  if (opType === 'Cast') {
    // Floats to integers may be out of range; the rarer formats have gaps of their own.
    const plain = (type: DataType): boolean =>
      ['float', 'double', 'float16', 'bfloat16', 'bool'].includes(type) || isIntegerType(type);
    return plain(source) && plain(result.dataType) && !(isFloatType(source) && isIntegerType(result.dataType));
  }
  if (movementOperators.has(opType)) return hasResidentParameters(inputs) && isWellFormedMovement(node, inputs);
  if (node.outputs.length > 1 && opType !== 'BatchNormalization') return false;
  if (reductions.has(opType))
    return isFloatType(source) && hasResidentParameters(inputs) && hasElements(inputs.slice(0, 1));
  const isOfOneType = inputs.every((tensor) => tensor === undefined || tensor.dataType === source);
  if (opType === 'BatchNormalization') return isOfOneType && isPlainBatchNormalization(node, inputs);
  if (opType === 'MatMul') return isOfOneType && isFloatType(source) && isSmallProduct(inputs, result);
  // Before opset 7 operands broadcast by an attribute, which inference does not check to the end.
  if ((node.graph?.opsetVersion('') ?? 0) < 7) return false;
  if (operandOperators.has(opType)) return opType === 'Where' || inputs.every((tensor) => tensor?.dataType === source);
  return floatOperators.has(opType) && isFloatType(source) && isOfOneType;
}

function hasResidentParameters(inputs: readonly (Tensor | undefined)[]): boolean {
  return inputs.slice(1).every((tensor) => tensor === undefined || tensor.isResident);
}

function hasElements(inputs: readonly (Tensor | undefined)[]): boolean {
  return inputs.every((tensor) => tensor === undefined || tensor.elementCount > 0);
}

/** Since opset 14, which says what the statistics of training are; channels and parameters fit. */
function isPlainBatchNormalization(node: Node, inputs: readonly (Tensor | undefined)[]): boolean {
  const [x, ...parameters] = inputs;
  const channels = x?.dims[1];
  if (channels === undefined || parameters.length !== 4 || !hasElements(inputs)) return false;
  if ((node.graph?.opsetVersion('') ?? 0) < 14) return false;
  const isTraining = attributesOf(node).int('training_mode') === 1n;
  if (!isTraining && node.outputs.length > 1) return false;
  return parameters.every((parameter) => parameter?.dims.length === 1 && parameter.dims[0] === channels);
}

function isSmallProduct([a, b]: readonly (Tensor | undefined)[], { dims }: DeferredResult): boolean {
  const terms = a?.dims.at(-1);
  if (a === undefined || b === undefined || terms === undefined || a.dims.length < 2 || b.dims.length < 2) return false;
  return terms === b.dims.at(-2) && dims.reduce((count, dim) => count * dim, terms) <= MAXIMUM_PRODUCTS;
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
    case 'Split':
      return isWellFormedSplit(node, inputs);
    default:
      return true;
  }
}

/** The sizes add up to the axis, or are left to the operator, which then needs as many outputs as the axis can be cut into. */
function isWellFormedSplit(node: Node, [x, sizes]: readonly (Tensor | undefined)[]): boolean {
  const attributes = attributesOf(node);
  const axis = attributes.int('axis') ?? 0n;
  const rank = BigInt(x?.dims.length ?? 0);
  if (axis >= rank || axis < -rank) return false;
  const size = x?.dims.at(Number(axis));
  if (size === undefined) return false;
  const given = sizes === undefined ? attributes.numbers('split') : integersIn(arrayOf(sizes)).map(Number);
  if (given === undefined) return size % node.outputs.length === 0;
  return (
    given.length === node.outputs.length &&
    given.every((each) => each >= 0) &&
    given.reduce((sum, each) => sum + each, 0) === size
  );
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
