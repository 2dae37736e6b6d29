import {
  dataTypeOfCode,
  doublesOf,
  floatTensor,
  type Node,
  op,
  rewrite,
  type RewriteContext,
  sameShape,
  type Value,
  value,
} from '../../src/rule-kit.ts';

const ELEMENTWISE = ['Add', 'Sub', 'Mul', 'Neg', 'Abs', 'Min', 'Max', 'Cast'];
const MAXIMUM_STEPS = 16;

/** Where an integer type ends: the first number beyond it, whose negative is the last one within. */
const LIMITS: Partial<Record<string, number>> = { int64: 2 ** 63, int32: 2 ** 31 };

/** The Cast of a constant to integers that `start` comes from, element by element, and read by nothing else on the way. */
function castBehind(start: Value, where: Node, context: RewriteContext): Node | undefined {
  let reader = where;
  let at: Value | undefined = start;
  for (let steps = 0; at !== undefined && steps < MAXIMUM_STEPS; steps++) {
    const node: Node | undefined = at.producer;
    if (node === undefined || at.onlyUser !== reader || !ELEMENTWISE.includes(node.operator)) return undefined;
    if (!context.isReadable(node) || node.graph !== context.graph) return undefined;
    if (!sameShape(context.shape(at), context.shape(where.output))) return undefined;
    const computed: (Value | undefined)[] = node.inputs.filter((input) => context.tensor(input) === undefined);
    if (node.operator === 'Cast' && computed.length === 0) return node;
    if (computed.length !== 1) return undefined;
    [at] = computed;
    reader = node;
  }
  return undefined;
}

export default rewrite({
  id: 'fold-unseen-element',
  summary: 'Write 0 for constants that no integer can be, when a Where takes none of what they become.',
  why: 'The buckets of relative positions in T5 are logarithms, of 0 as well, cast to integers and then passed over: nothing of it can be folded as long as it holds the Cast of an infinity.',
  exact: true,
  since: 9,

  pattern: op('Where', 'where', value('condition'), value('a'), value('b')),

  rewrite({ where, condition, a, b }, context) {
    const taken = context.booleans(condition);
    if (taken === undefined || !sameShape(context.shape(condition), context.shape(where.output))) return undefined;
    for (const [side, isTaken] of [
      [a, true],
      [b, false],
    ] as const) {
      const cast = castBehind(side, where, context);
      const [x] = cast?.inputs ?? [];
      if (cast === undefined || x === undefined || !sameShape(context.shape(x), context.shape(where.output))) continue;
      const tensor = context.tensor(x);
      const elements = doublesOf(tensor);
      const limit = LIMITS[dataTypeOfCode(Number(context.attributes(cast).int('to') ?? 0n)) ?? ''];
      if (tensor === undefined || elements === undefined || limit === undefined) continue;
      const isUndefined = (number: number): boolean => !(Math.trunc(number) >= -limit && number < limit);
      if (!elements.some(isUndefined)) continue;
      if (elements.some((number, index) => isUndefined(number) && taken[index] === isTaken)) continue;
      const defined = elements.map((number) => (isUndefined(number) ? 0 : number));
      const by = context.constant(floatTensor(tensor.dataType, tensor.dims, defined), x.name);
      return context.changeInputs([{ node: cast, index: 0, by }]);
    }
    return undefined;
  },

  examples: [
    {
      title: 'an infinity that is passed over',
      before: `agraph (int64[2] x) => (int64[2] y) <bool[2] near = {1, 0}, float[2] logs = {-inf, 3}, int64 eight = {8}> {
        c = Cast <to = 7> (logs)
        s = Add (c, eight)
        y = Where (near, x, s)
      }`,
      after: `agraph (int64[2] x) => (int64[2] y) <bool[2] near = {1, 0}, float[2] logs = {0, 3}, int64 eight = {8}> {
        c = Cast <to = 7> (logs)
        s = Add (c, eight)
        y = Where (near, x, s)
      }`,
    },
    {
      title: 'an infinity that is taken',
      before: `agraph (int64[2] x) => (int64[2] y) <bool[2] near = {0, 1}, float[2] logs = {-inf, 3}> {
        c = Cast <to = 7> (logs)
        y = Where (near, x, c)
      }`,
      after: 'unchanged',
    },
  ],
});
