import { attribute, op, refuse, rewrite, type RewriteContext, sameShape, type Value } from '../../src/rule-kit.ts';

interface Equation {
  readonly terms: readonly string[];
  readonly result: string;
}

/** An equation of plain letters with the result written out or implied; undefined for ellipses and repeated letters. */
function parse(text: string): Equation | undefined {
  const [left = '', right] = text.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const letters = terms.join('');
  const implied = [...new Set(letters)].filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  const result = right ?? implied.sort().join('');
  const isPlain = [...terms, result].every((term) => /^[A-Za-z]*$/.test(term) && new Set(term).size === term.length);
  return isPlain ? { terms, result } : undefined;
}

/** True for ...mk, ...kn and ...mn, with the same batch in front. */
function isMatMul(a: string, b: string, result: string): boolean {
  const batch = a.slice(0, -2);
  const [m, k] = a.slice(-2);
  const [kToo, n] = b.slice(-2);
  if (m === undefined || k === undefined || n === undefined || a.length < 2 || b.length < 2) return false;
  return k === kToo && !result.includes(k) && b.slice(0, -2) === batch && result === `${batch}${m}${n}`;
}

function agree(terms: readonly string[], values: readonly Value[], context: RewriteContext): boolean {
  const sizes = new Map<string, ReturnType<RewriteContext['shape']>>();
  return values.every((value, index) =>
    [...(terms[index] ?? '')].every((letter, axis) => {
      const dim = context.shape(value)?.[axis];
      const before = sizes.get(letter);
      if (dim === undefined) return false;
      sizes.set(letter, [dim]);
      return before === undefined || sameShape(before, [dim]);
    }),
  );
}

export default rewrite({
  id: 'fold-einsum',
  summary: 'Write an Einsum as the MatMul, Mul, Transpose or Identity that it is.',
  why: 'torch.einsum is exported as it was written, and TensorRT fuses a MatMul but not an Einsum.',
  // A product may be summed in another order; preset `exact` leaves these alone.
  exact: true,

  pattern: op('Einsum', 'einsum'),

  rewrite({ einsum }, context) {
    const values = einsum.inputs.filter((input) => input !== undefined);
    const equation = parse(context.attributes(einsum).string('equation') ?? '...');
    const [x, z] = values;
    if (equation === undefined || x === undefined) return refuse('its equation has an ellipsis or a letter twice');
    const { terms, result } = equation;
    const [a = '', b = ''] = terms;
    if (terms.length !== values.length || context.shape(x)?.length !== a.length) return undefined;
    if (z === undefined) {
      if ([...a].sort().join('') !== [...result].sort().join('')) return refuse('it sums over an axis');
      const perm = [...result].map((letter) => a.indexOf(letter));
      const attributes = [attribute.ints('perm', perm)];
      return context.replace(einsum, context.node('Transpose', [x], { attributes, from: einsum }));
    }
    if (values.length > 2) return refuse('it has more than two operands');
    if (context.shape(z)?.length !== b.length || !agree(terms, values, context))
      return refuse('axes of one letter are not known to be equal');
    if (a === b && a === result) return context.replace(einsum, context.node('Mul', [x, z], { from: einsum }));
    if (context.isExactOnly) return refuse('a MatMul may sum in another order');
    if (isMatMul(a, b, result)) return context.replace(einsum, context.node('MatMul', [x, z], { from: einsum }));
    if (isMatMul(b, a, result)) return context.replace(einsum, context.node('MatMul', [z, x], { from: einsum }));
    return refuse('it is no MatMul without a Transpose');
  },

  examples: [
    {
      title: 'a product of matrices in batches',
      before: `agraph (float[N,2,3] x, float[N,3,4] z) => (float[N,2,4] y) {
        y = Einsum <equation = "bij, bjk -> bik"> (x, z)
      }`,
      after: `agraph (float[N,2,3] x, float[N,3,4] z) => (float[N,2,4] y) {
        y = MatMul (x, z)
      }`,
    },
    {
      title: 'a permutation',
      before: `agraph (float[2,3] x) => (float[3,2] y) {
        y = Einsum <equation = "ij->ji"> (x)
      }`,
      after: `agraph (float[2,3] x) => (float[3,2] y) {
        y = Transpose <perm = [1, 0]> (x)
      }`,
    },
    {
      title: 'the second matrix lies the other way round',
      before: `agraph (float[2,3] x, float[4,3] z) => (float[2,4] y) {
        y = Einsum <equation = "ij,kj->ik"> (x, z)
      }`,
      after: 'unchanged',
      because: 'it is no MatMul without a Transpose',
    },
    {
      title: 'a diagonal',
      before: `agraph (float[2,2] x) => (float[2] y) {
        y = Einsum <equation = "ii->i"> (x)
      }`,
      after: 'unchanged',
      because: 'its equation has an ellipsis or a letter twice',
    },
  ],
});
