import type { Node } from '../ir/node.ts';
import type { RewriteContext } from './context.ts';
import { mergedAxes, permutationOf } from './queries.ts';

/** A factor by which all elements, or those of each index along an axis (counted from the first), are multiplied. */
export interface Factor {
  readonly numbers: Float64Array;
  readonly axis: number | undefined;
}

/**
 * The factors by which the first input of `node` must be multiplied so that its output `index` is, and no other output changes, along
 * an axis. undefined when that is no multiplication along one axis of the input.
 */
export function factorBefore(node: Node, index: number, factor: Factor, context: RewriteContext): Factor | undefined {
  if (node.operator === 'Split') return factorBeforeSplit(node, index, factor, context);
  if (factor.axis === undefined) return undefined;
  if (node.operator === 'Transpose') {
    const axis = permutationOf(node, context)?.[factor.axis];
    return axis === undefined ? undefined : { numbers: factor.numbers, axis };
  }
  const isView = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].includes(node.operator);
  return isView ? factorBeforeView(node, factor, context) : undefined;
}

/** A part is multiplied when the whole is, by 1 everywhere else along the axis of the Split. */
function factorBeforeSplit(
  node: Node,
  index: number,
  { numbers, axis }: Factor,
  context: RewriteContext,
): Factor | undefined {
  const [data] = node.inputs;
  const shape = data === undefined ? undefined : context.shape(data);
  const given = context.attributes(node).number('axis') ?? 0;
  if (shape === undefined) return undefined;
  const along = given < 0 ? given + shape.length : given;
  if (axis !== undefined && axis !== along) return undefined;
  const sizes = node.outputs.map((output) =>
    output === undefined ? undefined : context.shape(output)?.[along]?.constant,
  );
  const all: number[] = [];
  for (const [part, size] of sizes.entries()) {
    if (size === undefined) return undefined;
    for (let at = 0; at < Number(size); at++)
      all.push(part === index ? (numbers[numbers.length === 1 ? 0 : at] ?? 1) : 1);
  }
  return { numbers: Float64Array.from(all), axis: along };
}

/** Axes that a view makes of one axis share its factors: each stands for a run of that axis. */
function factorBeforeView(node: Node, { numbers, axis = 0 }: Factor, context: RewriteContext): Factor | undefined {
  const [data] = node.inputs;
  const from = data === undefined ? undefined : context.shape(data);
  const to = context.shape(node.output);
  if (from === undefined || to === undefined) return undefined;
  // An axis of 1 has no factors of its own, wherever it stands.
  const large = from.flatMap((dim, at) => (dim.constant === 1n ? [] : [at]));
  const groups = mergedAxes(
    to,
    large.flatMap((at) => from[at] ?? []),
  );
  const before = groups?.findIndex((each) => each.includes(axis)) ?? -1;
  const group = groups?.[before];
  if (group === undefined) return undefined;
  const dims = group.map((each) => Number(to[each]?.constant ?? 0n));
  const at = group.indexOf(axis);
  const run = dims.slice(at + 1).reduce((product, dim) => product * dim, 1);
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count === 0 || dims[at] !== numbers.length) return undefined;
  const spread = new Float64Array(count).map((_, index) => numbers[Math.floor(index / run) % numbers.length] ?? 1);
  return { numbers: spread, axis: large[before] };
}
