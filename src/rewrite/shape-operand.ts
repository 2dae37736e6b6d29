import type { Dim } from '../infer/dim.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { reshapeElements } from './queries.ts';
import { planShapeVector, type ShapeVectorPlan } from './shape-vector.ts';
import { isVisibleAt } from './visibility.ts';

/** Position of the operand that is a shape, by operator. */
export const SHAPE_OPERANDS: ReadonlyMap<string, number> = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
  ['Reshape', 1],
  ['Resize', 3],
]);

/** How the shape operand of a node can be had. */
export interface ShapeOperandPlan {
  readonly vector: ShapeVectorPlan;
  /** Nodes of the present computation that would go. */
  readonly freed: number;
  /** 0 is written where a dim is copied, so the Reshape must not have allowzero. */
  readonly isCopying: boolean;
}

/** The plan for the shape operand of a node, or a text that says why there is none. */
export function planShapeOperand(
  node: Node,
  operand: Value,
  cone: ReadonlySet<Node>,
  context: RewriteContext,
): ShapeOperandPlan | string {
  const copying = copyingElements(node, context);
  const wanted = copying ?? numbersAndDims(operand, context);
  if (wanted === undefined) return 'the elements of its shape are not known as expressions';
  const held = heldNodes(cone, node, context);
  const vector = planShapeVector(context, wanted, { sources: shapeSources(node, operand, cone), held });
  if (vector === undefined) return 'a dim of its shape is not a dim of any value at hand';
  return { vector, freed: cone.size - held.size, isCopying: copying !== undefined };
}

function numbersAndDims(operand: Value, context: RewriteContext): readonly (bigint | Dim)[] | undefined {
  return context.fact(operand).elements?.map((dim) => dim.constant ?? dim);
}

/**
 * What a Reshape may be given for the shape it results in, where 0 copies. A dim that is read must not be 0, since that would
 * copy, too: undefined then, and the Reshape must be given the very elements that it has.
 */
function copyingElements(reshape: Node, context: RewriteContext): readonly (bigint | Dim)[] | undefined {
  if (reshape.operator !== 'Reshape') return undefined;
  const [x] = reshape.inputs;
  const to = context.shape(reshape.output);
  if (to === undefined) return undefined;
  const elements = reshapeElements(x === undefined ? undefined : context.shape(x), to);
  return elements?.every((element) => typeof element === 'bigint' || context.isPositive(element)) === true
    ? elements
    : undefined;
}

/** Values whose shapes a vector at `node` may read: the graph's inputs, the node's data, and what the present computation reads. */
function shapeSources(node: Node, operand: Value, cone: ReadonlySet<Node>): readonly Value[] {
  const sources = new Set<Value>();
  for (const input of node.graph?.root.inputs ?? []) sources.add(input);
  for (const input of node.inputs) if (input !== undefined && input !== operand) sources.add(input);
  for (const inner of cone) {
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

/** What carries sizes on: whoever reads its result decides whether it is needed. */
const ARITHMETIC: ReadonlySet<string> = new Set(
  'Add Cast Concat Div Flatten Gather Identity Max Min Mod Mul Neg Reshape Shape Slice Split Squeeze Sub Unsqueeze'.split(
    ' ',
  ),
);

/** Readers beyond this are not asked; the walk stays linear. */
const MAXIMUM_READERS = 64;

/**
 * The nodes of the cone that stay when `node` gets its shape in another way, since somebody needs what they make as it is: not
 * those whose other readers are shape operands that can be had in another way, too.
 */
function heldNodes(cone: ReadonlySet<Node>, node: Node, context: RewriteContext): ReadonlySet<Node> {
  const held = new Set<Node>();
  let asked = 0;
  const answers = new Map<Node, boolean>();
  /** Whether a reader outside the cone needs the value; false when that would take too long to find out. */
  const isNeededBy = (reader: Node, value: Value): boolean => {
    const known = answers.get(reader);
    if (known !== undefined) return known;
    if (++asked > MAXIMUM_READERS) return false;
    answers.set(reader, false);
    const position = SHAPE_OPERANDS.get(reader.operator);
    const isShapeOnly =
      position !== undefined && reader.inputs.every((input, index) => (input === value) === (index === position));
    const answer = isShapeOnly
      ? !canBeHad(reader, value, context)
      : !ARITHMETIC.has(reader.operator) || reader.outputs.some((output) => output !== undefined && isNeeded(output));
    answers.set(reader, answer);
    return answer;
  };
  const isNeeded = (value: Value): boolean => {
    if (value.isGraphOutput) return true;
    for (const reader of value.users) {
      if (asked > MAXIMUM_READERS) return false;
      if (reader !== node && !cone.has(reader) && isNeededBy(reader, value)) return true;
    }
    return false;
  };
  for (const inner of cone) {
    if (inner.outputs.some((output) => output !== undefined && isNeeded(output))) hold(inner, held, cone);
  }
  return held;
}

/** What a node that stays reads stays, too. */
function hold(node: Node, held: Set<Node>, cone: ReadonlySet<Node>): void {
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (held.has(next) || !cone.has(next)) continue;
    held.add(next);
    for (const input of next.inputs) if (input?.producer !== undefined) pending.push(input.producer);
  }
}

/** True when every element is a number or a dim of a value at hand. */
function canBeHad(reader: Node, operand: Value, context: RewriteContext): boolean {
  const wanted = copyingElements(reader, context) ?? numbersAndDims(operand, context);
  if (wanted === undefined) return false;
  const sources = shapeSources(reader, operand, shapeCone(operand));
  return planShapeVector(context, wanted, { sources, held: new Set() }) !== undefined;
}
