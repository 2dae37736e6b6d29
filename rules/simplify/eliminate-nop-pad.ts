import { op, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-pad',
  summary: 'Remove a Pad of nothing.',
  why: 'Padding computed from the input size is often zero once the size is known.',
  exact: true,

  pattern: op('Pad', 'pad'),

  rewrite({ pad }, context) {
    const [x, amounts] = pad.inputs;
    if (x === undefined) return undefined;
    const pads = context.opset < 11 ? context.attributes(pad).ints('pads') : context.integers(amounts);
    if (pads === undefined || pads.some((amount) => amount !== 0n)) return undefined;
    return wouldKeepIdentity(pad.output, x) ? undefined : context.replace(pad, x);
  },

  examples: [
    {
      title: 'all pads are zero',
      before: `agraph (float[2,3] x) => (float[2,3] y) <int64[4] pads = {0, 0, 0, 0}> {
        a = Pad (x, pads)
        y = Neg (a)
      }`,
      after: `agraph (float[2,3] x) => (float[2,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a crop and a pad of equal size keep the shape, not the elements',
      before: `agraph (float[3] x) => (float[3] y) <int64[2] pads = {1, -1}> {
        y = Pad (x, pads)
      }`,
      after: 'unchanged',
    },
  ],
});
