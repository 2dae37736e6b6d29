import { axisPart, isWholeAxis, op, refuse, rewrite, sliced, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-split',
  summary: 'Remove a Split into one part; slice where one part of several is used.',
  why: 'chunk(1), and gates of which one is read: TensorRT makes a layer for each part.',
  exact: true,

  pattern: op('Split', 'split'),

  rewrite({ split }, context) {
    const [x] = split.inputs;
    const used = split.outputs.filter((output) => output?.isUsed === true);
    const [only] = used;
    if (x === undefined || only === undefined || used.length > 1) return undefined;
    const part = axisPart(only, context);
    if (split.outputs.length === 1 || (part !== undefined && isWholeAxis(part, context)))
      return wouldKeepIdentity(only, x) ? undefined : context.replace(only, x);
    if (part === undefined) return refuse('where the part begins is not known');
    if (context.opset < 10) return refuse('a Slice of this opset has other operands');
    return context.replace(only, sliced(x, [{ ...part, step: 1n }], context, split));
  },

  examples: [
    {
      title: 'one part',
      before: `agraph (float[N,4] x) => (float[N,4] y) <int64[1] sizes = {4}> {
        a = Split <axis = 1> (x, sizes)
        y = Neg (a)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'the second of three',
      before: `agraph (float[N,6] x) => (float[N,3] y) <int64[3] sizes = {1, 3, 2}> {
        a, b, c = Split <axis = -1> (x, sizes)
        y = Neg (b)
      }`,
      after: `agraph (float[N,6] x) => (float[N,3] y) <int64[1] start = {1}, int64[1] end = {4}, int64[1] axis = {1}> {
        b = Slice (x, start, end, axis)
        y = Neg (b)
      }`,
    },
    {
      title: 'two parts are used',
      before: `agraph (float[N,6] x) => (float[N,3] y) <int64[2] sizes = {3, 3}> {
        a, b = Split <axis = 1> (x, sizes)
        y = Add (a, b)
      }`,
      after: 'unchanged',
    },
  ],
});
