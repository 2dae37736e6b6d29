import { Dim } from '../infer/dim.ts';
import type { Node } from '../ir/node.ts';
import type { RewriteContext } from './context.ts';
import { mergedAxes, permutationOf, reshapeTarget } from './queries.ts';

/** A Transpose of what a first Reshape reads, and the Reshape behind it that makes up for both Reshapes. */
export interface TurnedFirst {
  readonly perm: readonly number[];
  readonly target: readonly bigint[];
}

/**
 * For a Reshape that merges axes, a Transpose and a Reshape: how the Transpose can come first, so that one Reshape is enough. A text
 * says why not; undefined when the shapes are not known.
 */
export function turnedFirst(
  inner: Node,
  transpose: Node,
  outer: Node,
  context: RewriteContext,
): TurnedFirst | string | undefined {
  const [x] = inner.inputs;
  const from = x === undefined ? undefined : context.shape(x);
  const merged = context.shape(inner.output);
  const to = context.shape(outer.output);
  const given = permutationOf(transpose, context);
  if (from === undefined || merged === undefined || to === undefined || given === undefined) return undefined;
  const groups = mergedAxes(from, merged);
  if (groups === undefined) return 'the first Reshape does more than merge neighbouring axes';
  const { output } = transpose;
  if (output.isGraphOutput || [...output.users].some(({ operator }) => operator !== 'Reshape'))
    return 'what is transposed is used elsewhere, too';
  const perm = given.flatMap((axis) => groups[axis] ?? []);
  const permuted = perm.map((axis) => from[axis] ?? Dim.one);
  const target = reshapeTarget(context, permuted, to);
  if (target === undefined) return 'two or more dims of the result are neither constant nor copied from the same axis';
  return typeof target === 'string' ? target : { perm, target };
}
