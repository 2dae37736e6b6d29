import { attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import { int64Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';

/** A node with an axis put into its input's shape, as the opset at hand writes it. */
export function unsqueezed(x: Value, axes: readonly number[], context: RewriteContext): Value {
  return withAxes('Unsqueeze', x, axes, context);
}

/** A node with axes of size 1 taken out of its input's shape, as the opset at hand writes it. */
export function squeezed(x: Value, axes: readonly number[], context: RewriteContext): Value {
  return withAxes('Squeeze', x, axes, context);
}

function withAxes(opType: string, x: Value, axes: readonly number[], context: RewriteContext): Value {
  return context.opset >= 13
    ? context.node(opType, [x, context.vector(axes.map(BigInt), `${x.name}_axes`)])
    : context.node(opType, [x], { attributes: [attribute.ints('axes', axes)] });
}

/** All outputs of a Split into parts of these sizes, as the opset at hand writes it. */
export function splitInto(
  x: Value,
  axis: number,
  sizes: readonly bigint[],
  context: RewriteContext,
  from?: Node,
): readonly Value[] {
  const attributes = [attribute.int('axis', axis)];
  const isInput = context.opset >= 13;
  if (!isInput) attributes.push(attribute.ints('split', sizes));
  const inputs = isInput ? [x, context.vector(sizes, `${x.name}_split`)] : [x];
  const first = context.node('Split', inputs, {
    attributes,
    outputs: sizes.length,
    ...(from !== undefined && { from }),
  });
  return (first.producer?.outputs ?? []).filter((output) => output !== undefined);
}

/** One Slice along one axis with step 1. The opset must be 10 or later. */
export function slicedAlong(x: Value, axis: number, start: bigint, end: bigint, context: RewriteContext): Value {
  const operands = [start, end, BigInt(axis)].map((each, index) =>
    context.vector([each], `${x.name}_${['start', 'end', 'axis'][index] ?? ''}`),
  );
  return context.node('Slice', [x, ...operands]);
}

/** The part at one index of an axis, without that axis. */
export function gatheredAt(x: Value, axis: number, index: bigint, context: RewriteContext, from?: Node): Value {
  const position = context.constant(int64Tensor([index], { scalar: true }), `${x.name}_index`);
  const attributes = [attribute.int('axis', axis)];
  return context.node('Gather', [x, position], { attributes, ...(from !== undefined && { from }) });
}
