import {
  attribute,
  constant,
  numberOf,
  oneOfNodes,
  op,
  partProblem,
  refuse,
  rewrite,
  value,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-celu',
  summary: 'Put a Celu back together.',
  why: 'PyTorch exports celu as an Elu between a division and a multiplication by alpha.',
  exact: 'rounded once and not three times: a relative error of about 1e-7',
  since: 12,
  costs: 'layers',

  pattern: oneOfNodes(
    op('Mul', 'root', op('Elu', 'elu', op('Div', 'inner', value('x'), constant('alpha'))), constant('alpha')),
    op('Mul', 'root', op('Elu', 'elu', op('Div', 'inner', value('x'), constant('alpha'))), constant('beta')),
    op('Mul', 'root', op('Elu', 'elu', op('Mul', 'inner', value('x'), constant('inverse'))), constant('alpha')),
  ),

  rewrite(captures, context) {
    const { root, elu, x, alpha, beta, inverse } = captures;
    if (root === undefined || elu === undefined || x === undefined) return undefined;
    if (context.attributes(elu).float('alpha') !== 1 || context.dataType(x) !== 'float') return undefined;
    const [slope, other, over] = [alpha, beta, inverse].map((value) => numberOf(context.tensor(value)));
    if (slope === undefined || !(slope > 0) || !Number.isFinite(slope)) return undefined;
    const outer = beta === undefined ? slope : other;
    const inner = inverse === undefined ? 1 / slope : over;
    if (outer !== slope || inner === undefined || Math.abs(inner * slope - 1) > 1e-6)
      return refuse('it is not divided and multiplied by the same number');
    const problem = partProblem(root, x, captures, context);
    if (problem !== undefined) return refuse(problem);
    const attributes = slope === 1 ? [] : [attribute.float('alpha', slope)];
    return context.replace(root, context.node('Celu', [x], { attributes, from: root }));
  },

  examples: [
    {
      title: 'as PyTorch exports it',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float two = {2}> {
        d = Div (x, two)
        e = Elu (d)
        y = Mul (e, two)
      }`,
      after: `agraph (float[N,4] x) => (float[N,4] y) {
        y = Celu <alpha = 2.0> (x)
      }`,
    },
    {
      title: 'another number afterwards',
      before: `agraph (float[N,4] x) => (float[N,4] y) <float two = {2}, float three = {3}> {
        d = Div (x, two)
        e = Elu (d)
        y = Mul (e, three)
      }`,
      after: 'unchanged',
      because: 'it is not divided and multiplied by the same number',
    },
  ],
});
