import {
  axisPart,
  type Dim,
  gatheredAt,
  INT64_MAX,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  sliced,
  squeezed,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-part-of-concat',
  summary: 'Take a Slice or a Gather of one index from the operand of a Concat that it lies in.',
  why: 'States are put together and taken apart again, and shapes are joined to be indexed.',
  exact: true,
  since: 10,

  pattern: op(['Slice', 'Gather'], 'node'),

  rewrite({ node }, context) {
    const [x, indices] = node.inputs;
    const concat = x?.producer;
    const rank = x === undefined ? undefined : context.shape(x)?.length;
    if (x === undefined || concat?.operator !== 'Concat' || rank === undefined || !context.isReadable(concat))
      return undefined;
    const [joined] = normalizedAxes([context.attributes(concat).int('axis') ?? 0n], rank) ?? [];
    const isGather = node.operator === 'Gather';
    if (joined === undefined) return undefined;
    let part: { readonly axis: number | undefined; readonly start: bigint; readonly end: bigint } | undefined;
    if (!isGather) part = axisPart(node.output, context);
    else {
      const index =
        indices === undefined || context.shape(indices)?.length !== 0 ? undefined : context.integers(indices)?.[0];
      if (index === undefined || index < 0n) return undefined;
      const axis = normalizedAxes([context.attributes(node).int('axis') ?? 0n], rank)?.[0];
      part = { axis, start: index, end: index + 1n };
    }
    if (part === undefined || part.axis !== joined) return undefined;
    const total = context.shape(x)?.[joined]?.constant;
    const last = part.end === INT64_MAX ? (total ?? INT64_MAX) : part.end;
    let offset = 0n;
    for (const operand of concat.inputs) {
      const size: Dim | undefined = operand === undefined ? undefined : context.shape(operand)?.[joined];
      if (operand === undefined || size === undefined) return undefined;
      const isLast = operand === concat.inputs.at(-1) && concat.inputs.indexOf(operand) === concat.inputs.length - 1;
      const length = size.constant;
      const stop = length === undefined ? undefined : offset + length;
      if (part.start >= offset && (stop === undefined ? isLast : last <= stop)) {
        const start = part.start - offset;
        const end = last === INT64_MAX ? INT64_MAX : last - offset;
        if (isGather) {
          if (length === undefined) return refuse('the operand may be shorter');
          const by =
            length === 1n ? squeezed(operand, [joined], context) : gatheredAt(operand, joined, start, context, node);
          return context.replace(node, by);
        }
        if (start === 0n && (end === length || end === INT64_MAX))
          return wouldKeepIdentity(node.output, operand) ? undefined : context.replace(node, operand);
        return context.replace(node, sliced(operand, [{ axis: joined, start, end, step: 1n }], context, node));
      }
      if (stop === undefined) return refuse('where its operands begin is known at run time only');
      if (part.start < stop) return refuse('it takes of two operands');
      offset = stop;
    }
    return undefined;
  },

  examples: [
    {
      title: 'all of an operand',
      before: `agraph (float[N,2] x, float[N,3] z) => (float[N,3] y) <
        int64[1] two = {2}, int64[1] five = {5}, int64[1] axis = {1}> {
        a = Concat <axis = 1> (x, z)
        b = Slice (a, two, five, axis)
        y = Neg (b)
      }`,
      after: `agraph (float[N,2] x, float[N,3] z) => (float[N,3] y) {
        y = Neg (z)
      }`,
    },
    {
      title: 'one row of an operand',
      before: `agraph (float[2,N] x, float[2,N] z) => (float[N] y) <int64 three = {3}> {
        a = Concat <axis = 0> (x, z)
        y = Gather (a, three)
      }`,
      after: `agraph (float[2,N] x, float[2,N] z) => (float[N] y) <int64 one = {1}> {
        y = Gather <axis = 0> (z, one)
      }`,
    },
    {
      title: 'across two operands',
      before: `agraph (float[2] x, float[2] z) => (float[2] y) <int64[1] one = {1}, int64[1] three = {3}, int64[1] axis = {0}> {
        a = Concat <axis = 0> (x, z)
        y = Slice (a, one, three, axis)
      }`,
      after: 'unchanged',
      because: 'it takes of two operands',
    },
    {
      title: 'after an operand of unknown size',
      before: `agraph (float[N] x, float[2] z) => (float[1] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] axis = {0}> {
        a = Concat <axis = 0> (x, z)
        y = Slice (a, one, two, axis)
      }`,
      after: 'unchanged',
      because: 'where its operands begin is known at run time only',
    },
  ],
});
