import { op, refuse, rewrite, uniformElement } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-consecutive-pads',
  summary: 'Pad once where a padded value is padded again with the same element.',
  why: 'One block pads for its kernel, the next to a multiple of its window.',
  exact: true,
  since: 11,

  pattern: op('Pad', 'outer'),

  rewrite({ outer }, context) {
    const inner = outer.inputs[0]?.producer;
    const [x] = inner?.inputs ?? [];
    if (inner?.operator !== 'Pad' || x === undefined || !context.isReadable(inner)) return undefined;
    const pads = [inner, outer].map((pad) => {
      const mode = context.attributes(pad).string('mode') ?? 'constant';
      const amounts = context.integers(pad.inputs[1]);
      const element = pad.inputs[2] === undefined ? 0 : uniformElement(context.tensor(pad.inputs[2]));
      return mode === 'constant' && pad.inputs[3] === undefined && amounts !== undefined && element !== undefined
        ? { amounts, element: Number(element) }
        : undefined;
    });
    const [first, second] = pads;
    if (first === undefined || second === undefined) return refuse('one is computed, or does not pad with a constant');
    if (!Object.is(first.element, second.element)) return refuse('they pad with different elements');
    // What a negative pad cuts off may be what the other put there, and the other way round.
    if ([...first.amounts, ...second.amounts].some((amount) => amount < 0n)) return refuse('one of them crops');
    const sum = first.amounts.map((amount, index) => amount + (second.amounts[index] ?? 0n));
    const vector = context.vector(sum, `${outer.output.name}_pads`);
    return context.replace(outer, context.like(outer, [x, vector, outer.inputs[2]]));
  },

  examples: [
    {
      title: 'zeros around zeros',
      before: `agraph (float[N,2] x) => (float[N,6] y) <int64[4] left = {0, 1, 0, 0}, int64[4] both = {0, 1, 0, 2}> {
        a = Pad (x, left)
        y = Pad (a, both)
      }`,
      after: `agraph (float[N,2] x) => (float[N,6] y) <int64[4] pads = {0, 2, 0, 2}> {
        y = Pad (x, pads)
      }`,
    },
    {
      title: 'ones around zeros',
      before: `agraph (float[2] x) => (float[4] y) <int64[2] left = {1, 0}, float one = {1}> {
        a = Pad (x, left)
        y = Pad (a, left, one)
      }`,
      after: 'unchanged',
      because: 'they pad with different elements',
    },
    {
      title: 'a Pad that takes some of it away again',
      before: `agraph (float[2] x) => (float[3] y) <int64[2] more = {1, 2}, int64[2] less = {0, -2}> {
        a = Pad (x, more)
        y = Pad (a, less)
      }`,
      after: 'unchanged',
      because: 'one of them crops',
    },
  ],
});
