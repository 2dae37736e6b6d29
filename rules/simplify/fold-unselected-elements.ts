import {
  isFloatType,
  isIntegerType,
  type Node,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  withElements,
  type Value,
} from '../../src/rule-kit.ts';

/** Elementwise operators through which an element only meets those at its own place. */
const ELEMENTWISE = ['Add', 'Sub', 'Mul', 'Min', 'Max', 'Abs', 'Neg', 'Identity'];

/** Steps from a Where back to a Cast. */
const MAXIMUM_STEPS = 8;

/** The Cast that a branch of a Where is computed from, with constants of no larger shape. */
function castBehind(branch: Value, context: RewriteContext): Node | undefined {
  let value: Value | undefined = branch;
  for (let step = 0; step < MAXIMUM_STEPS && value !== undefined; step++) {
    const node: Node | undefined = value.producer;
    if (node === undefined || !context.isReadable(node) || value.userCount !== 1 || value.isGraphOutput)
      return undefined;
    if (node.operator === 'Cast') return node;
    if (!ELEMENTWISE.includes(node.operator)) return undefined;
    const computed: readonly (Value | undefined)[] = node.inputs.filter(
      (input) => input !== undefined && context.tensor(input) === undefined,
    );
    if (computed.length !== 1) return undefined;
    [value] = computed;
  }
  return undefined;
}

export default rewrite({
  id: 'fold-unselected-elements',
  summary:
    'Put 0 for what no integer can hold where a Where with a constant condition never takes it, so that the rest folds.',
  why: 'T5 takes the logarithm of all distances, of 0 too, casts it, and then takes the small distances from elsewhere.',
  exact: true,

  pattern: op('Where', 'where'),

  rewrite({ where }, context) {
    const [condition, ...branches] = where.inputs;
    const taken = context.booleans(condition);
    const dims = context.tensor(condition)?.dims;
    if (taken === undefined || dims === undefined) return undefined;
    for (const [index, branch] of branches.entries()) {
      const cast = branch === undefined ? undefined : castBehind(branch, context);
      const x = cast?.inputs[0];
      const tensor = context.tensor(x);
      if (cast === undefined || x === undefined || tensor === undefined) continue;
      const to = context.dataType(cast.output);
      if (!isFloatType(tensor.dataType) || to === undefined || !isIntegerType(to)) continue;
      if (String(tensor.dims) !== String(dims)) return refuse('the condition has another shape');
      // The first branch is taken where the condition holds.
      const isFree = (at: number): boolean => taken[at] !== (index === 0);
      const cleared = withElements(tensor, (element, at) => (isFree(at) && !Number.isFinite(element) ? 0 : element));
      if (cleared === undefined) continue;
      return context.changeInputs([{ node: cast, index: 0, by: context.constant(cleared, x.name) }]);
    }
    return undefined;
  },

  examples: [
    {
      title: 'the logarithm of 0 is not taken',
      before: `agraph (int64[3] x) => (int64[3] y) <bool[3] small = {1, 0, 0}, float[3] logs = {-inf, 1.5, 2.5}, int64[3] other = {7, 8, 9}, int64 one = {1}> {
        c = Cast <to = 7> (logs)
        a = Add (c, one)
        w = Where (small, other, a)
        y = Add (w, x)
      }`,
      after: `agraph (int64[3] x) => (int64[3] y) <bool[3] small = {1, 0, 0}, float[3] logs = {0, 1.5, 2.5}, int64[3] other = {7, 8, 9}, int64 one = {1}> {
        c = Cast <to = 7> (logs)
        a = Add (c, one)
        w = Where (small, other, a)
        y = Add (w, x)
      }`,
    },
    {
      title: 'here it is',
      before: `agraph (int64[3] x) => (int64[3] y) <bool[3] small = {0, 1, 1}, float[3] logs = {-inf, 1.5, 2.5}, int64[3] other = {7, 8, 9}> {
        c = Cast <to = 7> (logs)
        w = Where (small, other, c)
        y = Add (w, x)
      }`,
      after: 'unchanged',
    },
  ],
});
