import type { InputChange } from '../ir/patch.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { scaledTensor } from './channel-scale.ts';
import type { RewriteContext } from './context.ts';
import { doublesOf } from './float-tensors.ts';
import { sameShape } from './queries.ts';
import { type Factor, factorBefore } from './factor-axis.ts';
import { type Linear, linearOf, sharedTensor } from './linear.ts';

/**
 * Where a multiplication by a constant can go: on the way from it to a weight stand only operators that carry a factor
 * through, f(c x) = c f(x). Each walk is short, whatever the graph.
 */

/** Linear in their first input, which they move, add up or average. */
const LINEAR = new Set([
  ...['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Expand', 'Slice', 'Tile', 'Identity', 'Neg'],
  ...['DepthToSpace', 'SpaceToDepth', 'Gather', 'GatherElements', 'GatherND'],
  ...['ReduceSum', 'ReduceMean', 'AveragePool', 'GlobalAveragePool'],
]);
/** The same for a factor that is positive. */
const HOMOGENEOUS = new Set(['Relu', 'LeakyRelu', 'Abs', 'MaxPool', 'GlobalMaxPool', 'ReduceMax', 'ReduceMin']);
/** Whose second and third inputs, scale and bias, multiply and shift what they put out. */
const NORMALIZATIONS = new Set(['LayerNormalization', 'RMSNormalization', 'InstanceNormalization']);

const MAXIMUM_STEPS = 16;

/** What the Mul or Div `node` does to `x`, when it is by a constant that neither widens x nor is more than a vector. */
export function factorOf(node: Node, x: Value, constant: Value, context: RewriteContext): Factor | undefined {
  const tensor = context.tensor(constant);
  const shape = context.shape(x);
  if (tensor === undefined || tensor.dims.length > (shape?.length ?? 0)) return undefined;
  if (tensor.dims.filter((dim) => dim !== 1).length > 1) return undefined;
  const numbers = doublesOf(tensor)?.map((number) => (node.operator === 'Div' ? 1 / number : number));
  // A factor of 0 makes NaN of infinities; let it stand.
  if (numbers?.every((number) => Number.isFinite(number) && number !== 0) !== true) return undefined;
  if (numbers.length === 0 || (numbers.length > 1 && !sameShape(shape, context.shape(node.output)))) return undefined;
  const axis = numbers.length === 1 ? undefined : tensor.dims.findIndex((dim) => dim !== 1);
  return { numbers, axis: axis === undefined ? undefined : axis + (shape?.length ?? 0) - tensor.dims.length };
}

/** A constant that takes the place of an input. */
interface Exchange {
  readonly node: Node;
  readonly index: number;
  readonly tensor: Tensor;
}

function changesOf(exchanges: readonly Exchange[], context: RewriteContext): InputChange[] {
  return exchanges.map(({ node, index, tensor }) => ({
    node,
    index,
    by: context.constant(tensor, node.inputs[index]?.name ?? 'weight'),
  }));
}

function carries(node: Node, factor: number, context: RewriteContext): boolean {
  if (node.domain !== '' || !context.isReadable(node) || node.outputs.length !== 1) return false;
  return LINEAR.has(node.opType) || (factor > 0 && HOMOGENEOUS.has(node.opType));
}

/** Products of half-precision values could leave their range when a factor comes later or earlier. */
function isWide(value: Value, context: RewriteContext): boolean {
  const type = context.dataType(value);
  return type === 'float' || type === 'double';
}

/**
 * The exchange of constants upstream of `value`, read by `reader` alone, after which it is `factor` times what it was; a
 * reason when the way ends at a weight that must stay, undefined when there is no such way.
 */
export function scaleUpstream(
  value: Value,
  reader: Node,
  factor: Factor,
  context: RewriteContext,
): readonly InputChange[] | string | undefined {
  const pending: Step[] = [{ value, reader, factor, exchanges: [] }];
  let reason: string | undefined;
  for (let steps = 0; steps < MAXIMUM_STEPS; steps++) {
    const at = pending.pop();
    if (at === undefined) break;
    const { producer } = at.value;
    if (producer === undefined || producer.graph !== context.graph || !context.isReadable(producer)) continue;
    // What is read twice by one node, a MatMul with itself, would be scaled twice.
    if (at.value.onlyUser !== at.reader || at.value.useCount !== 1) continue;
    const last = scaledConstants(producer, at.factor, context);
    if (typeof last === 'string') reason = last;
    else if (last !== undefined) return changesOf([...at.exchanges, ...last], context);
    else pending.push(...stepsBefore(producer, at, context));
  }
  return reason;
}

/** Where the factor may come from when `node`, which makes the value at hand, has no constants for it: the last is tried first. */
function stepsBefore(node: Node, at: Step, context: RewriteContext): readonly Step[] {
  const [data] = node.inputs;
  const { numbers } = at.factor;
  const [number = 1] = numbers;
  const isUniform = numbers.length === 1;
  if (node.operator === 'Add') {
    const index = node.inputs.findIndex((input) => context.tensor(input) !== undefined);
    const other = node.inputs[1 - index];
    const exchange = scaledSummand(node, index, at.factor, context);
    if (other === undefined || exchange === undefined) return [];
    return [{ ...at, value: other, reader: node, exchanges: [...at.exchanges, exchange] }];
  }
  if (isUniform && node.operator === 'MatMul' && isWide(at.value, context)) {
    const inputs = node.inputs.filter((input) => input !== undefined);
    return inputs.reverse().map((input) => ({ ...at, value: input, reader: node }));
  }
  if (data === undefined) return [];
  if (isUniform && carries(node, number, context)) return [{ ...at, value: data, reader: node }];
  const factor = factorBefore(node, node.outputs.indexOf(at.value), at.factor, context);
  return factor === undefined ? [] : [{ ...at, value: data, reader: node, factor }];
}

/** A value on the way, the node that it is scaled for, and the factors there. */
interface Step {
  readonly value: Value;
  readonly reader: Node;
  readonly factor: Factor;
  readonly exchanges: readonly Exchange[];
}

/** The constants of `node` that make its result larger by the factor; undefined when it has none. */
function scaledConstants(
  node: Node,
  factor: Factor,
  context: RewriteContext,
): readonly Exchange[] | string | undefined {
  if (NORMALIZATIONS.has(node.operator)) return scaledNormalization(node, factor, context);
  const { numbers } = factor;
  if (node.operator === 'Gather') {
    const table = context.tensor(node.inputs[0]);
    if (table === undefined || numbers.length > 1 || doesNotFit(table, node.inputs[0], node)) return undefined;
    const tensor = scaledTensor(table, numbers);
    return tensor === undefined ? undefined : [{ node, index: 0, tensor }];
  }
  const linear = linearOf(node, context);
  if (linear === undefined) return undefined;
  const { outputs, bias, weightIndex } = linear;
  if (numbers.length > 1 && !followsChannels(factor, node.output, outputs, context)) return undefined;
  if (doesNotFit(linear.tensor, linear.weight, node)) return SHARED;
  const tensor = scaledTensor(linear.tensor, numbers, outputs.at);
  if (tensor === undefined) return BEYOND;
  const exchange = { node, index: weightIndex, tensor };
  if (bias === undefined) return [exchange];
  const offset = context.tensor(bias);
  if (offset === undefined) return 'the bias is not constant';
  const isVector = offset.elementCount === outputs.count && offset.dims.at(-1) === outputs.count;
  if (numbers.length > 1 && !isVector) return 'there is not one bias for each channel';
  const scaled = scaledTensor(offset, numbers, { axis: offset.dims.length === 2 ? 1 : 0, groups: 1 });
  return scaled === undefined ? BEYOND : [exchange, { node, index: 2, tensor: scaled }];
}

const SHARED = 'the weight is read elsewhere, too, and would have to be stored twice';
const BEYOND = 'the weight is of a type that is not scaled, or would be beyond it';

function doesNotFit(tensor: Tensor, value: Value | undefined, node: Node): boolean {
  return value === undefined || sharedTensor(tensor, value, node);
}

/** True when there is a factor for each of these channels of a value. */
function followsChannels(factor: Factor, value: Value, channels: Linear['outputs'], context: RewriteContext): boolean {
  const rank = context.shape(value)?.length;
  if (rank === undefined || factor.numbers.length !== channels.count) return false;
  return factor.axis === (channels.axis < 0 ? rank + channels.axis : channels.axis);
}

function scaledNormalization(
  node: Node,
  { numbers, axis }: Factor,
  context: RewriteContext,
): readonly Exchange[] | undefined {
  if (!context.isReadable(node) || node.outputs.length !== 1) return undefined;
  const lastAxis = (context.shape(node.output)?.length ?? 0) - 1;
  const exchanges: Exchange[] = [];
  for (const index of [1, 2]) {
    const parameter = context.tensor(node.inputs[index]);
    if (node.inputs[index] === undefined) continue;
    if (parameter === undefined) return undefined;
    // A vector along the last axis, which is the only one that is normalized.
    const isSameAxis =
      node.operator !== 'InstanceNormalization' &&
      parameter.dims.length === 1 &&
      parameter.dims[0] === numbers.length &&
      axis === lastAxis;
    if (numbers.length > 1 && !isSameAxis) return undefined;
    const scaled = scaledTensor(parameter, numbers);
    if (scaled === undefined) return undefined;
    exchanges.push({ node, index, tensor: scaled });
  }
  return exchanges.length === 0 ? undefined : exchanges;
}

/** The constant summand of an Add, scaled along with the other. */
function scaledSummand(
  node: Node,
  index: number,
  { numbers, axis }: Factor,
  context: RewriteContext,
): Exchange | undefined {
  const value = node.inputs[index];
  const summand = context.tensor(value);
  const other = node.inputs[1 - index];
  if (summand === undefined || other === undefined || doesNotFit(summand, value, node)) return undefined;
  if (numbers.length > 1) {
    // Factors and summands must lie along the last axis, and the sum must be no wider than the other summand.
    const rank = context.shape(node.output)?.length;
    if (rank === undefined || context.shape(other)?.length !== rank) return undefined;
    if (summand.dims.length !== 1 || summand.dims[0] !== numbers.length || axis !== rank - 1) return undefined;
  }
  const scaled = scaledTensor(summand, numbers);
  return scaled === undefined ? undefined : { node, index, tensor: scaled };
}

/**
 * The exchange of constants downstream of `value`, in every node that reads it, that makes up for a factor that it loses; a
 * reason when a weight must stay, undefined when some reader cannot make up for it.
 */
export function scaleDownstream(
  value: Value,
  factor: Factor,
  context: RewriteContext,
): readonly InputChange[] | string | undefined {
  const { numbers } = factor;
  const [number = 1] = numbers;
  const exchanges: Exchange[] = [];
  const pending = [value];
  let steps = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.isGraphOutput || !at.isUsed || at.userCount > MAXIMUM_STEPS) return undefined;
    for (const user of at.users) {
      if (++steps > MAXIMUM_STEPS || user.graph !== context.graph) return undefined;
      if (user.inputs.filter((input) => input === at).length !== 1) return undefined;
      const linear = linearOf(user, context);
      if (linear?.data === at) {
        const { inputs, weight, weightIndex } = linear;
        if (numbers.length > 1 && !followsChannels(factor, at, inputs, context)) return undefined;
        if (doesNotFit(linear.tensor, weight, user)) return SHARED;
        const tensor = scaledTensor(linear.tensor, numbers, inputs.at);
        if (tensor === undefined) return BEYOND;
        exchanges.push({ node: user, index: weightIndex, tensor });
        continue;
      }
      const isFactor = ['MatMul', 'Mul'].includes(user.operator) || (user.operator === 'Div' && user.inputs[0] === at);
      const isCarried = (user.inputs[0] === at && carries(user, number, context)) || (isFactor && isWide(at, context));
      if (numbers.length > 1 || !isCarried) return undefined;
      pending.push(user.output);
    }
  }
  return changesOf(exchanges, context);
}
