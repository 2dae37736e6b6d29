import {
  attribute,
  type Node,
  normalizedAxes,
  op,
  outputReplacements,
  permutationOf,
  rewrite,
  splitInto,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'merge-transposes-of-split',
  summary:
    'Transpose once what is split first and transposed part by part; a part that is turned otherwise is turned on.',
  why: 'Queries, keys and values are brought into the order of heads one by one.',
  exact: true,
  since: 2,

  pattern: op('Split', 'split'),

  rewrite({ split }, context) {
    const [x] = split.inputs;
    const rank = x === undefined ? undefined : context.shape(x)?.length;
    if (x === undefined || rank === undefined) return undefined;
    const axis = normalizedAxes([context.attributes(split).int('axis') ?? 0n], rank)?.[0];
    if (axis === undefined) return undefined;
    const turns: { readonly transpose: Node; readonly perm: readonly number[] }[] = [];
    const sizes: bigint[] = [];
    const counts = new Map<string, number>();
    for (const part of split.outputs) {
      const transpose = part?.onlyUser;
      const size = part === undefined ? undefined : context.shape(part)?.[axis]?.constant;
      if (transpose?.operator !== 'Transpose' || transpose.graph !== split.graph || !context.isReadable(transpose))
        return undefined;
      const perm = permutationOf(transpose, context);
      if (perm === undefined || size === undefined) return undefined;
      turns.push({ transpose, perm });
      sizes.push(size);
      counts.set(perm.join(), (counts.get(perm.join()) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    const common = turns.find(({ perm }) => counts.get(perm.join()) === most);
    if (common === undefined || most < 2) return undefined;
    const { perm } = common;
    const turned = (value: typeof x, order: readonly number[], from: Node): typeof x =>
      context.node('Transpose', [value], { attributes: [attribute.ints('perm', order.map(BigInt))], from });
    const whole = turned(x, perm, common.transpose);
    const parts = splitInto(whole, perm.indexOf(axis), sizes, context, split);
    return context.replaceAll(
      turns.flatMap(({ transpose, perm: own }, index) => {
        const part = parts[index];
        if (part === undefined || own.join() === perm.join()) return outputReplacements(transpose, [part]);
        const rest = own.map((from) => perm.indexOf(from));
        return outputReplacements(transpose, [turned(part, rest, transpose)]);
      }),
    );
  },

  examples: [
    {
      title: 'queries and values alike, keys with their last axes exchanged',
      before: `agraph (float[N,L,6,2] x) => (float[N,2,L,2] q, float[N,2,2,L] k, float[N,2,L,2] v) <int64[3] sizes = {2, 2, 2}> {
        a, b, c = Split <axis = 2> (x, sizes)
        q = Transpose <perm = [0, 2, 1, 3]> (a)
        k = Transpose <perm = [0, 2, 3, 1]> (b)
        v = Transpose <perm = [0, 2, 1, 3]> (c)
      }`,
      after: `agraph (float[N,L,6,2] x) => (float[N,2,L,2] q, float[N,2,2,L] k, float[N,2,L,2] v) <int64[3] sizes = {2, 2, 2}> {
        all = Transpose <perm = [0, 2, 1, 3]> (x)
        q, b, v = Split <axis = 1> (all, sizes)
        k = Transpose <perm = [0, 1, 3, 2]> (b)
      }`,
    },
    {
      title: 'two parts that are turned in different ways',
      before: `agraph (float[N,4,2] x) => (float[4,N,1] a, float[1,4,N] b) <int64[2] sizes = {1, 1}> {
        p, q = Split <axis = 2> (x, sizes)
        a = Transpose <perm = [1, 0, 2]> (p)
        b = Transpose <perm = [2, 1, 0]> (q)
      }`,
      after: 'unchanged',
    },
    {
      title: 'a part that stays as it is',
      before: `agraph (float[N,4,3] x) => (float[4,N,1] a, float[4,N,1] b, float[N,4,1] r) <int64[3] sizes = {1, 1, 1}> {
        p, q, r = Split <axis = 2> (x, sizes)
        a = Transpose <perm = [1, 0, 2]> (p)
        b = Transpose <perm = [1, 0, 2]> (q)
      }`,
      after: 'unchanged',
    },
  ],
});
