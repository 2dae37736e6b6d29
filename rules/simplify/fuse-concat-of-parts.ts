import {
  type AxisPart,
  axisPart,
  isWholeAxis,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  sliced,
  type Value,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

interface Run {
  part: AxisPart | undefined;
  readonly values: Value[];
}

/** True when what makes the value makes nothing else that is used, but for `values`. */
function goesWith({ producer }: Value, values: readonly Value[]): boolean {
  return producer?.outputs.every((output) => output?.isUsed !== true || values.includes(output)) === true;
}

export default rewrite({
  id: 'fuse-concat-of-parts',
  summary: 'Take a value, or one Slice of it, where its neighbouring parts are put together again.',
  why: 'A Split is undone when the work on its parts has gone away; a roll by nothing is two Slices and a Concat.',
  exact: true,
  since: 10,

  pattern: op('Concat', 'concat'),

  rewrite({ concat }, context) {
    const rank = context.shape(concat.output)?.length;
    const given = context.attributes(concat).int('axis');
    if (rank === undefined || given === undefined || concat.inputs.length < 2) return undefined;
    const [axis] = normalizedAxes([given], rank) ?? [];
    const runs: Run[] = [];
    for (const input of concat.inputs) {
      if (input === undefined) return undefined;
      const part = axisPart(input, context);
      const last = runs.at(-1);
      const before = last?.part;
      if (
        last !== undefined &&
        before !== undefined &&
        part?.axis === axis &&
        part?.whole === before.whole &&
        part.start === before.end
      ) {
        last.part = { ...before, end: part.end };
        last.values.push(input);
      } else runs.push({ part: part?.axis === axis ? part : undefined, values: [input] });
    }
    if (runs.length === concat.inputs.length) return undefined;
    const parts: Value[] = [];
    for (const { part, values } of runs) {
      if (part === undefined || values.length === 1) parts.push(...values);
      else if (isWholeAxis(part, context)) parts.push(part.whole);
      else {
        const isOwn = values.every((value) => value.onlyUser === concat && goesWith(value, values));
        if (!isOwn) return refuse('the parts, or others of their Split, are used elsewhere, too');
        parts.push(sliced(part.whole, [{ ...part, step: 1n }], context));
      }
    }
    const [only] = parts;
    if (parts.length > 1 || only === undefined) return context.replace(concat, context.like(concat, parts));
    return wouldKeepIdentity(concat.output, only) ? undefined : context.replace(concat, only);
  },

  examples: [
    {
      title: 'split and put together',
      before: `agraph (float[N,4] x) => (float[N,4] y) <int64[2] sizes = {1, 3}> {
        a, b = Split <axis = 1> (x, sizes)
        c = Concat <axis = -1> (a, b)
        y = Neg (c)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'neighbouring Slices',
      before: `agraph (float[N] x, float[2] z) => (float[M] y) <
        int64[1] one = {1}, int64[1] two = {2}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}> {
        a = Slice (x, one, two, axis)
        b = Slice (x, two, end, axis)
        y = Concat <axis = 0> (z, a, b)
      }`,
      after: `agraph (float[N] x, float[2] z) => (float[M] y) <
        int64[1] one = {1}, int64[1] end = {9223372036854775807}, int64[1] axis = {0}> {
        a = Slice (x, one, end, axis)
        y = Concat <axis = 0> (z, a)
      }`,
    },
    {
      title: 'neighbouring Slices that make up an output of the graph',
      before: `agraph (float[4] x) => (float[3] y) <
        int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3}> {
        a = Slice (x, zero, one, zero)
        b = Slice (x, one, two, zero)
        c = Slice (x, two, three, zero)
        y = Concat <axis = -1> (a, b, c)
      }`,
      after: `agraph (float[4] x) => (float[3] y) <
        int64[1] start = {0}, int64[1] three = {3}, int64[1] axis = {0}> {
        y = Slice (x, start, three, axis)
      }`,
    },
    {
      title: 'neighbouring parts of a Split of which no others are used',
      before: `agraph (float[N,4] x) => (float[N,2] y) <int64[4] sizes = {1, 1, 1, 1}> {
        a, b, c, d = Split <axis = 1> (x, sizes)
        y = Concat <axis = 1> (b, c)
      }`,
      after: `agraph (float[N,4] x) => (float[N,2] y) <int64[1] start = {1}, int64[1] end = {3}, int64[1] axis = {1}> {
        y = Slice (x, start, end, axis)
      }`,
    },
    {
      title: 'the parts trade places',
      before: `agraph (float[N,4] x) => (float[N,4] y) <int64[2] sizes = {1, 3}> {
        a, b = Split <axis = 1> (x, sizes)
        y = Concat <axis = 1> (b, a)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a part that is wanted by itself',
      before: `agraph (float[4] x) => (float[2] y, float[1] a) <
        int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3}, int64[1] axis = {0}> {
        a = Slice (x, one, two, axis)
        b = Slice (x, two, three, axis)
        y = Concat <axis = 0> (a, b)
      }`,
      after: 'unchanged',
      because: 'the parts, or others of their Split, are used elsewhere, too',
    },
  ],
});
