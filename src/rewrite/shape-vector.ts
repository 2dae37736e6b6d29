import { INT64_MAX } from '../base/int64.ts';
import type { Dim } from '../infer/dim.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import type { Node } from '../ir/node.ts';

/**
 * A shape operand in its cheapest runtime form: numbers, and runs of dims that are read from the shape of a value at hand.
 * Shape followed by Slice is used rather than Shape with start and end, which TensorRT ignores silently up to 9.3
 * (NvOnnxParser importer of Shape; release notes of 10.0).
 */
type Segment = { readonly numbers: bigint[] } | { readonly piece: Value; readonly length: number } | Run;

/** The dims from `start` to `end` of a value. */
interface Run {
  readonly source: Value;
  readonly start: number;
  readonly end: number;
}

/** What there is to make a vector from. */
export interface ShapeMaterial {
  /** Values whose dims may be read. */
  readonly sources: readonly Value[];
  /** Nodes of the present computation that others need, too: what they make costs nothing. */
  readonly held: ReadonlySet<Node>;
}

export interface ShapeVectorPlan {
  readonly segments: readonly Segment[];
  /** Nodes the form takes when nothing of it is there yet. */
  readonly cost: number;
}

/**
 * Plans the vector `wanted`, whose elements are numbers to be written as they are or dims to be read. undefined when a dim is no
 * dim of any source.
 */
export function planShapeVector(
  context: RewriteContext,
  wanted: readonly (bigint | Dim)[],
  { sources, held }: ShapeMaterial,
): ShapeVectorPlan | undefined {
  const anew = planOf(context, wanted, sources, [], held);
  const pieces = [...held].flatMap(({ outputs }) => outputs.filter((output) => output !== undefined));
  if (anew === undefined || pieces.length === 0) return anew;
  const joined = planOf(context, wanted, sources, pieces, held);
  return joined === undefined || anew.cost <= joined.cost ? anew : joined;
}

function planOf(
  context: RewriteContext,
  wanted: readonly (bigint | Dim)[],
  sources: readonly Value[],
  pieces: readonly Value[],
  held: ReadonlySet<Node>,
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
    const segment = longestPiece(context, wanted, at, pieces) ?? longestRun(context, wanted, at, sources);
    if (segment === undefined) return undefined;
    segments.push(segment);
    at += 'piece' in segment ? segment.length : segment.end - segment.start;
  }
  const runs = segments.filter((segment) => 'source' in segment);
  const there = new Set([...held].flatMap((node) => (isWholeShape(node) ? node.inputs : [])));
  const shapes = new Set(runs.map(({ source }) => source).filter((source) => !there.has(source))).size;
  const slices = new Set(
    runs.filter((run) => !isWhole(context, run)).map(({ source, start, end }) => `${source.name}/${start}/${end}`),
  ).size;
  return { segments, cost: shapes + slices + (segments.length > 1 ? 1 : 0) };
}

function isWholeShape(node: Node): boolean {
  return node.operator === 'Shape' && node.attributes.size === 0;
}

/** The value among `pieces` that is the longest part of `wanted` from `at` on. */
function longestPiece(
  context: RewriteContext,
  wanted: readonly (bigint | Dim)[],
  at: number,
  pieces: readonly Value[],
): { piece: Value; length: number } | undefined {
  let best: { piece: Value; length: number } | undefined;
  for (const piece of pieces) {
    const { shape, elements } = context.fact(piece);
    if (elements === undefined || shape?.length !== 1 || context.dataType(piece) !== 'int64') continue;
    if (elements.length <= (best?.length ?? 0)) continue;
    const fits = elements.every((element, index) => {
      const other = wanted[at + index];
      return other !== undefined && (typeof other === 'bigint' ? element.constant === other : element.equals(other));
    });
    if (fits) best = { piece, length: elements.length };
  }
  return best;
}

function longestRun(
  context: RewriteContext,
  wanted: readonly (bigint | Dim)[],
  at: number,
  sources: readonly Value[],
): Run | undefined {
  let best: Run | undefined;
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

function isWhole(context: RewriteContext, { source, start, end }: Run): boolean {
  return start === 0 && end === context.shape(source)?.length;
}

/** Writes the planned vector: Shape, Slice and Concat nodes and constants of the patch at hand. */
export function buildShapeVector(context: RewriteContext, plan: ShapeVectorPlan, base: string): Value {
  const shapes = new Map<Value, Value>();
  const parts = plan.segments.map((segment) => {
    if ('numbers' in segment) return context.vector(segment.numbers, `${base}_numbers`);
    if ('piece' in segment) return segment.piece;
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
