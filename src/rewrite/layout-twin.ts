import { attribute, type Attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import type { LayoutChange } from './layout-change.ts';
import { integersOrAttribute, normalizedAxes } from './queries.ts';
import { EXACT_REDUCTIONS, ROUNDED_REDUCTIONS } from './reductions.ts';

/** How a node computes the twins of its outputs from the twins of some of its inputs. */
export interface TwinPlan {
  /** Positions of the inputs whose twins it reads. */
  readonly twins: readonly number[];
  /** Positions of constants that are changed along. */
  readonly constants: readonly number[];
  /** Attributes and vectors that name axes. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly vectors?: ReadonlyMap<number, readonly bigint[]>;
}

const UNARY = new Set(
  (
    'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid ' +
    'HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh ' +
    'Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu'
  ).split(' '),
);

const BROADCASTING = new Set(
  (
    'Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow PRelu ' +
    'Sub Sum Where Xor'
  ).split(' '),
);

type Planner = (node: Node, change: LayoutChange, context: RewriteContext) => TwinPlan | undefined;

const planners: ReadonlyMap<string, Planner> = new Map([
  ...[...UNARY].map((operator): [string, Planner] => [
    operator,
    (node, change, context) =>
      fits(node.inputs[0], change, context) && fits(node.output, change, context)
        ? { twins: [0], constants: [] }
        : undefined,
  ]),
  ...[...BROADCASTING].map((operator): [string, Planner] => [operator, planBroadcast]),
  ...['Softmax', 'LogSoftmax'].map((operator): [string, Planner] => [operator, planSoftmax]),
  ...[...EXACT_REDUCTIONS, ...ROUNDED_REDUCTIONS].map((operator): [string, Planner] => [operator, planReduction]),
  ...['ArgMax', 'ArgMin'].map((operator): [string, Planner] => [operator, planArgument]),
  ...['Concat', 'Split'].map((operator): [string, Planner] => [operator, planAlong]),
  ['LayerNormalization', planLayerNormalization],
  ['MatMul', planMatMul],
  ['Slice', planSlice],
  ['Pad', planPad],
]);

/** The plan of a node, or undefined when it is not of the kind that goes with the change. */
export function planTwin(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const planner = planners.get(node.operator);
  if (planner === undefined || !context.isReadable(node)) return undefined;
  return planner(node, change, context);
}

export function fits(value: Value | undefined, change: LayoutChange, context: RewriteContext): boolean {
  const shape = value === undefined ? undefined : context.shape(value);
  return shape !== undefined && change.twinShape(shape) !== undefined;
}

function planBroadcast(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  if (!fits(node.output, change, context)) return undefined;
  const twins: number[] = [];
  const constants: number[] = [];
  for (const [index, input] of node.inputs.entries()) {
    if (input === undefined) return undefined;
    if (context.shape(input)?.length === 0) continue;
    if (context.tensor(input) !== undefined) constants.push(index);
    else if (fits(input, change, context)) twins.push(index);
    else return undefined;
  }
  return twins.length > 0 ? { twins, constants } : undefined;
}

function movedAxis(node: Node, given: bigint | undefined, change: LayoutChange): number | undefined {
  const [axis] = given === undefined ? [] : (normalizedAxes([given], change.rank) ?? []);
  return axis === undefined ? undefined : change.axis(axis);
}

function planSoftmax(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  // Up to opset 12 it flattens everything from the axis on.
  const axis = movedAxis(node, context.attributes(node).int('axis'), change);
  if (context.isExactOnly || context.opset < 13 || axis === undefined || !fits(node.output, change, context))
    return undefined;
  return { twins: [0], constants: [], attributes: { axis: attribute.int('axis', axis) } };
}

function planReduction(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const isRounded = !EXACT_REDUCTIONS.includes(node.opType);
  const given = integersOrAttribute(node, context, 'axes', 1);
  if ((isRounded && context.isExactOnly) || given === undefined || given.length === 0) return undefined;
  if (context.attributes(node).int('keepdims') !== 1n || !fits(node.inputs[0], change, context)) return undefined;
  const axes = normalizedAxes(given, change.rank)?.map((axis) => change.axis(axis));
  if (axes?.every((axis) => axis !== undefined) !== true || !fits(node.output, change, context)) return undefined;
  const moved = axes.map(BigInt).sort((a, b) => Number(a - b));
  if (node.inputs[1] !== undefined) return { twins: [0], constants: [], vectors: new Map([[1, moved]]) };
  return { twins: [0], constants: [], attributes: { axes: attribute.ints('axes', moved) } };
}

function planArgument(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const attributes = context.attributes(node);
  const axis = movedAxis(node, attributes.int('axis'), change);
  if (axis === undefined || attributes.int('keepdims') !== 1n) return undefined;
  if (!fits(node.inputs[0], change, context) || !fits(node.output, change, context)) return undefined;
  return { twins: [0], constants: [], attributes: { axis: attribute.int('axis', axis) } };
}

function planAlong(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const axis = movedAxis(node, context.attributes(node).int('axis'), change);
  const isSplit = node.operator === 'Split';
  const parts = isSplit ? node.outputs : node.inputs;
  if (axis === undefined || !parts.every((part) => fits(part, change, context))) return undefined;
  if (!fits(isSplit ? node.inputs[0] : node.output, change, context)) return undefined;
  // Constants of a Concat do not broadcast: they are changed as other values are, and then folded.
  const twins = isSplit ? [0] : node.inputs.map((_, index) => index);
  return { twins, constants: [], attributes: { axis: attribute.int('axis', axis) } };
}

function planLayerNormalization(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const axis = context.attributes(node).int('axis');
  const isLast = axis === -1n || axis === BigInt(change.rank - 1);
  if (context.isExactOnly || !isLast || node.outputs.slice(1).some((output) => output?.isUsed)) return undefined;
  if (!lastStays(node.inputs[0], change, context)) return undefined;
  return { twins: [0], constants: [], attributes: { axis: attribute.int('axis', -1) } };
}

/** A product with a matrix works on the last axis alone. */
function planMatMul(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const [x, matrix] = node.inputs;
  if (context.isExactOnly || x === undefined || matrix === undefined || context.shape(matrix)?.length !== 2)
    return undefined;
  if (!lastStays(x, change, context) || !lastStays(node.output, change, context)) return undefined;
  return { twins: [0], constants: [] };
}

function lastStays(value: Value | undefined, change: LayoutChange, context: RewriteContext): boolean {
  const shape = value === undefined ? undefined : context.shape(value);
  const twin = shape === undefined ? undefined : change.twinShape(shape);
  return twin !== undefined && twin.length > 1 && change.axis(change.rank - 1) === twin.length - 1;
}

function planSlice(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const [x, starts, , given] = node.inputs;
  if (starts === undefined || context.dataType(starts) !== 'int64') return undefined;
  if (!fits(x, change, context) || !fits(node.output, change, context)) return undefined;
  const axes = given === undefined ? context.integers(starts)?.map((_, axis) => BigInt(axis)) : context.integers(given);
  const moved = axes === undefined ? undefined : normalizedAxes(axes, change.rank)?.map((axis) => change.axis(axis));
  if (moved?.every((axis) => axis !== undefined) !== true) return undefined;
  return { twins: [0], constants: [], vectors: new Map([[3, moved.map(BigInt)]]) };
}

function planPad(node: Node, change: LayoutChange, context: RewriteContext): TwinPlan | undefined {
  const [x, operand, , given] = node.inputs;
  const pads = operand === undefined ? undefined : context.integers(operand);
  const { rank } = change;
  const twinShape = x === undefined ? undefined : change.twinShape(context.shape(x) ?? []);
  if (context.opset < 11 || pads?.length !== 2 * rank || given !== undefined) return undefined;
  if (twinShape?.length !== rank || !fits(node.output, change, context)) return undefined;
  const moved = Array.from({ length: 2 * rank }, () => 0n);
  for (const [index, amount] of pads.entries()) {
    const axis = change.axis(index % rank);
    if (axis === undefined) {
      if (amount !== 0n) return undefined;
    } else moved[axis + (index < rank ? 0 : rank)] = amount;
  }
  return { twins: [0], constants: [], vectors: new Map([[1, moved]]) };
}
