import { INT64_MAX } from '../base/int64.ts';
import type { Dim } from '../infer/dim.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { isVisibleAt } from './visibility.ts';
import type { Node } from '../ir/node.ts';

/**
 * A shape operand in its cheapest runtime form: numbers, and runs of dims that are read from the shape of a value at hand.
 * Shape followed by Slice is used rather than Shape with start and end, which TensorRT ignores silently up to 9.3
 * (NvOnnxParser importer of Shape; release notes of 10.0).
 */
type Segment =
  { readonly numbers: bigint[] } | { readonly source: Value; readonly start: number; readonly end: number };

export interface ShapeVectorPlan {
  readonly segments: readonly Segment[];
  /** Nodes the form takes when nothing of it is there yet. */
  readonly cost: number;
}

/**
 * Plans the vector `wanted`, whose elements are numbers to be written as they are or dims to be read from `sources`.
 * undefined when a dim is no dim of any source.
 */
export function planShapeVector(
  context: RewriteContext,
  wanted: readonly (bigint | Dim)[],
  sources: readonly Value[],
): ShapeVectorPlan | undefined {
  const segments: Segment[] = [];
  for (let at = 0; at < wanted.length;) {
    const element = wanted[at];
    if (typeof element === 'bigint') {
      const last = segments.at(-1);
      if (last !== undefined && 'numbers' in last) last.numbers.push(element);
      else segments.push({ numbers: [element] });
      at++;
      continue;
    }
    const run = longestRun(context, wanted, at, sources);
    if (run === undefined) return undefined;
    segments.push(run);
    at += run.end - run.start;
  }
  const runs = segments.filter((segment) => 'source' in segment);
  const shapes = new Set(runs.map(({ source }) => source)).size;
  const slices = new Set(
    runs.filter((run) => !isWhole(context, run)).map(({ source, start, end }) => `${source.name}/${start}/${end}`),
  ).size;
  return { segments, cost: shapes + slices + (segments.length > 1 ? 1 : 0) };
}

function longestRun(
  context: RewriteContext,
  wanted: readonly (bigint | Dim)[],
  at: number,
  sources: readonly Value[],
): { source: Value; start: number; end: number } | undefined {
  let best: { source: Value; start: number; end: number } | undefined;
  for (const source of sources) {
    const shape = context.shape(source) ?? [];
    for (let start = 0; start < shape.length; start++) {
      let length = 0;
      for (;;) {
        const element = wanted[at + length];
        const dim = shape[start + length];
        if (element === undefined || dim === undefined || typeof element === 'bigint' || !dim.equals(element)) break;
        length++;
      }
      if (length > 0 && length > (best === undefined ? 0 : best.end - best.start))
        best = { source, start, end: start + length };
    }
  }
  return best;
}

function isWhole(
  context: RewriteContext,
  { source, start, end }: { source: Value; start: number; end: number },
): boolean {
  return start === 0 && end === context.shape(source)?.length;
}

/** Writes the planned vector: Shape, Slice and Concat nodes and constants of the patch at hand. */
export function buildShapeVector(context: RewriteContext, plan: ShapeVectorPlan, base: string): Value {
  const shapes = new Map<Value, Value>();
  const parts = plan.segments.map((segment) => {
    if ('numbers' in segment) return context.vector(segment.numbers, `${base}_numbers`);
    const { source, start, end } = segment;
    const shape = shapes.get(source) ?? context.node('Shape', [source]);
    shapes.set(source, shape);
    if (isWhole(context, segment)) return shape;
    const stop = end === context.shape(source)?.length ? INT64_MAX : BigInt(end);
    const bounds = [context.vector([BigInt(start)], `${base}_start`), context.vector([stop], `${base}_end`)];
    return context.node('Slice', [shape, ...bounds, context.vector([0n], `${base}_axis`)]);
  });
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : context.concat(parts, 0);
}

/** Values whose shapes a vector at `node` may read: the graph's inputs, the node's data, and what the present computation reads. */
export function shapeSources(node: Node, operand: Value): readonly Value[] {
  const sources = new Set<Value>();
  for (const input of node.graph?.root.inputs ?? []) sources.add(input);
  for (const input of node.inputs) if (input !== undefined && input !== operand) sources.add(input);
  for (const inner of shapeCone(operand)) {
    const [read] = inner.inputs;
    if (inner.operator === 'Shape' && read !== undefined) sources.add(read);
  }
  return [...sources].filter((source) => isVisibleAt(source, node));
}

/** Beyond this a computation is large in any case; the walk stays linear. */
const MAXIMUM_CONE = 64;

/** The nodes that compute a shape operand, up to and with the Shape nodes it starts from. */
export function shapeCone(operand: Value): ReadonlySet<Node> {
  const cone = new Set<Node>();
  const pending = [operand];
  for (let value = pending.pop(); value !== undefined && cone.size < MAXIMUM_CONE; value = pending.pop()) {
    const { producer } = value;
    if (producer === undefined || cone.has(producer) || producer.operator === 'Constant') continue;
    cone.add(producer);
    if (producer.operator === 'Shape' || producer.operator === 'Size') continue;
    for (const input of producer.inputs) if (input !== undefined) pending.push(input);
  }
  return cone;
}
