import { INT64_MAX, op, refuse, rewrite, type Value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-slice-bounds',
  summary: 'Write the bounds of a Slice as constants when an end that is computed is the end of the axis.',
  why: 'x[:, : x.size(1)] reads the size at run time to take everything.',
  exact: true,
  since: 10,

  pattern: op('Slice', 'slice'),

  rewrite({ slice }, context) {
    const [x, starts, ends, axes, steps] = slice.inputs;
    if (x === undefined || starts === undefined || ends === undefined) return undefined;
    if (context.tensor(starts) !== undefined && context.tensor(ends) !== undefined) return undefined;
    const shape = context.shape(x);
    const first = context.fact(starts).elements;
    const last = context.fact(ends).elements;
    if (shape === undefined || first === undefined || last === undefined)
      return refuse('its bounds are not known as expressions');
    const from = first.map(({ constant }) => constant);
    if (!from.every((bound) => bound !== undefined)) return refuse('a start is known at run time only');
    const along = axes === undefined ? first.map((_, axis) => BigInt(axis)) : context.integers(axes);
    const strides = steps === undefined ? first.map(() => 1n) : context.integers(steps);
    if (along === undefined || strides?.every((step) => step > 0n) !== true)
      return refuse('it goes backwards, or its axes are computed');
    const to = last.map((bound, index) => {
      if (bound.constant !== undefined) return bound.constant;
      const dim = shape.at(Number(along[index]));
      const beyond = dim === undefined ? undefined : bound.minus(dim).bounds().low;
      return beyond !== undefined && beyond >= 0n ? INT64_MAX : undefined;
    });
    if (!to.every((bound) => bound !== undefined)) return refuse('an end is known at run time only');
    // All operands share a type, and the end of an axis takes an int64.
    const constant = (operand: Value, values: readonly bigint[], name: string): Value =>
      context.tensor(operand) === undefined || context.dataType(operand) !== 'int64'
        ? context.vector(values, `${slice.output.name}_${name}`)
        : operand;
    return context.replace(
      slice,
      context.like(slice, [
        x,
        constant(starts, from, 'starts'),
        constant(ends, to, 'ends'),
        axes && constant(axes, along, 'axes'),
        steps && constant(steps, strides, 'steps'),
      ]),
    );
  },

  examples: [
    {
      title: 'up to the own size',
      before: `agraph (float[N,M] x) => (float[N,P] y) <int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}> {
        s = Shape (x)
        m = Slice (s, one, two, zero)
        y = Slice (x, one, m, one)
      }`,
      after: `agraph (float[N,M] x) => (float[N,P] y) <int64[1] one = {1}, int64[1] end = {9223372036854775807}> {
        y = Slice (x, one, end, one)
      }`,
    },
    {
      title: 'bounds of 32 bits make way together',
      before: `agraph (float[N,M] x) => (float[N,P] y) <int32[1] zero = {0}, int32[1] one = {1}> {
        n = Shape <start = 1, end = 2> (x)
        end = Cast <to = 6> (n)
        y = Slice (x, zero, end, one)
      }`,
      after: `agraph (float[N,M] x) => (float[N,P] y) <int64[1] start = {0}, int64[1] end = {9223372036854775807}, int64[1] axis = {1}> {
        y = Slice (x, start, end, axis)
      }`,
    },
    {
      title: 'up to the size of another axis',
      before: `agraph (float[N,M] x) => (float[N,P] y) <int64[1] zero = {0}, int64[1] one = {1}> {
        s = Shape (x)
        n = Slice (s, zero, one, zero)
        y = Slice (x, zero, n, one)
      }`,
      after: 'unchanged',
      because: 'an end is known at run time only',
    },
  ],
});
