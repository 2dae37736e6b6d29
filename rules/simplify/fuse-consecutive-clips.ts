import {
  floatTensor,
  isFloatType,
  type Node,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  sameShape,
  uniformElement,
  type Value,
} from '../../src/rule-kit.ts';

interface Limits {
  readonly x: Value;
  readonly low: number;
  readonly high: number;
}

/** What a Clip, a Relu, or a Max or Min with one number limits, and to what; undefined when that is not known. */
function limitsOf(node: Node, context: RewriteContext): Limits | undefined {
  const [x, second, third] = node.inputs;
  if (x === undefined || !context.isReadable(node)) return undefined;
  if (node.operator === 'Relu') return { x, low: 0, high: Infinity };
  if (node.operator === 'Clip') {
    const attributes = context.attributes(node);
    const given =
      context.opset < 11 ? [attributes.float('min'), attributes.float('max')] : [second, third].map(numberAt);
    const [low, high] = given;
    return low === null || high === null ? undefined : { x, low: low ?? -Infinity, high: high ?? Infinity };
  }
  if ((node.operator !== 'Max' && node.operator !== 'Min') || second === undefined || third !== undefined)
    return undefined;
  for (const [data, limit] of [
    [x, second],
    [second, x],
  ] as const) {
    const bound = numberAt(limit);
    if (typeof bound !== 'number' || !sameShape(context.shape(data), context.shape(node.output))) continue;
    return node.operator === 'Max' ? { x: data, low: bound, high: Infinity } : { x: data, low: -Infinity, high: bound };
  }
  return undefined;

  /** The number that a limit is, undefined for none, null for one that is computed. */
  function numberAt(limit: Value | undefined): number | undefined | null {
    if (limit === undefined) return undefined;
    const element = uniformElement(context.tensor(limit));
    return typeof element === 'number' ? element : null;
  }
}

export default rewrite({
  id: 'fuse-consecutive-clips',
  summary: 'Limit once what is limited twice: a Clip, Relu, Min or Max of another.',
  why: 'relu6 is written as a minimum of a maximum, and clamps follow activations.',
  exact: true,
  since: 12,

  pattern: op(['Clip', 'Relu', 'Max', 'Min'], 'outer'),

  rewrite({ outer }, context) {
    const second = limitsOf(outer, context);
    const inner = second?.x.producer;
    const first = inner?.outputs[0] === second?.x && inner !== undefined ? limitsOf(inner, context) : undefined;
    if (first === undefined || second === undefined) return undefined;
    const type = context.dataType(first.x);
    if (type === undefined || !isFloatType(type)) return refuse('limits of integers are left as they are');
    if (!(first.low <= first.high) || !(second.low <= second.high))
      return refuse('one has a minimum above its maximum');
    const limit = (bound: number): number => Math.min(Math.max(bound, second.low), second.high);
    const [low, high] = [limit(first.low), limit(first.high)];
    if (low === 0 && high === Infinity) return context.replace(outer, context.node('Relu', [first.x], { from: outer }));
    const bound = (value: number, name: string): Value | undefined =>
      Number.isFinite(value)
        ? context.constant(floatTensor(type, [], Float64Array.of(value)), `${outer.output.name}_${name}`)
        : undefined;
    return context.replace(
      outer,
      context.node('Clip', [first.x, bound(low, 'min'), bound(high, 'max')], { from: outer }),
    );
  },

  examples: [
    {
      title: 'relu6 in two steps',
      before: `agraph (float[N,2] x) => (float[N,2] y) <float zero = {0}, float six = {6}> {
        a = Max (x, zero)
        y = Min (six, a)
      }`,
      after: `agraph (float[N,2] x) => (float[N,2] y) <float zero = {0}, float six = {6}> {
        y = Clip (x, zero, six)
      }`,
    },
    {
      title: 'a Relu, and a Clip below 0',
      before: `agraph (float[2] x) => (float[2] y) <float low = {-1}> {
        a = Relu (x)
        y = Clip (a, low)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Relu (x)
      }`,
    },
    {
      title: 'limits that lie apart leave one number',
      before: `agraph (float[2] x) => (float[2] y) <float zero = {0}, float one = {1}, float two = {2}, float three = {3}> {
        a = Clip (x, zero, one)
        y = Clip (a, two, three)
      }`,
      after: `agraph (float[2] x) => (float[2] y) <float two = {2}, float also_two = {2}> {
        y = Clip (x, two, also_two)
      }`,
    },
    {
      title: 'a minimum above the maximum',
      before: `agraph (float[2] x) => (float[2] y) <float one = {1}, float two = {2}> {
        a = Relu (x)
        y = Clip (a, two, one)
      }`,
      after: 'unchanged',
      because: 'one has a minimum above its maximum',
    },
    {
      title: 'one limit is computed',
      before: `agraph (float[2] x, float z) => (float[2] y) {
        a = Relu (x)
        y = Min (a, z)
      }`,
      after: 'unchanged',
    },
  ],
});
