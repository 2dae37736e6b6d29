import { op, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-known-optional',
  summary: 'Use what an Optional is known to hold, without the Optional.',
  why: 'A Python argument that may be None is exported as an Optional; TensorRT has none.',
  exact: true,
  since: 15,

  pattern: op(['OptionalGetElement', 'OptionalHasElement'], 'node'),

  rewrite({ node }, context) {
    const [given] = node.inputs;
    const optional = given?.producer;
    if (optional?.operator !== 'Optional' || !context.isReadable(optional)) return undefined;
    const [x] = optional.inputs;
    if (node.operator === 'OptionalGetElement') {
      if (x === undefined || wouldKeepIdentity(node.output, x)) return undefined;
      return context.replace(node, x);
    }
    if (!context.graph.allowsInitializers || node.output.isGraphOutput) return undefined;
    return context.replace(node, context.constant(context.booleanTensor(x !== undefined), node.output.name));
  },

  examples: [
    {
      title: 'the element that was put in',
      before: `agraph (float[2] x) => (float[2] y) {
        o = Optional (x)
        e = OptionalGetElement (o)
        y = Neg (e)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'an input that may be empty',
      before: `agraph (optional(float[2]) x) => (bool y) {
        y = OptionalHasElement (x)
      }`,
      after: 'unchanged',
    },
  ],
});
