import { int64Tensor, op, rewrite, sequenceElements, unsqueezed, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-known-sequence',
  summary: 'Use the tensors of a sequence that the graph itself builds, without the sequence.',
  why: 'A Python list of tensors is exported as a sequence, and TensorRT has none.',
  exact: true,
  since: 11,

  pattern: op(['SequenceAt', 'SequenceLength', 'ConcatFromSequence'], 'node'),

  rewrite({ node }, context) {
    const [sequence, position] = node.inputs;
    const elements = sequenceElements(sequence, context);
    if (elements === undefined) return undefined;
    if (node.opType === 'SequenceLength') {
      const length = int64Tensor([BigInt(elements.length)], { scalar: true });
      if (!context.graph.allowsInitializers || node.output.isGraphOutput) return undefined;
      return context.replace(node, context.constant(length, node.output.name));
    }
    if (node.opType === 'SequenceAt') {
      const index = context.integers(position)?.[0];
      const element = index === undefined ? undefined : elements.at(Number(index));
      if (index === undefined || element === undefined || index < BigInt(-elements.length)) return undefined;
      return wouldKeepIdentity(node.output, element) ? undefined : context.replace(node, element);
    }
    const axis = context.attributes(node).number('axis');
    const ranks = elements.map((element) => context.shape(element)?.length);
    const [rank] = ranks;
    // A Concat of ranks that differ is an error, here as there.
    if (axis === undefined || rank === undefined || ranks.some((other) => other !== rank)) return undefined;
    if (context.attributes(node).int('new_axis') !== 1n) return context.replace(node, context.concat(elements, axis));
    const at = axis < 0 ? axis + rank + 1 : axis;
    const rows = elements.map((element) => unsqueezed(element, [at], context));
    return context.replace(node, context.concat(rows, at));
  },

  examples: [
    {
      title: 'an element of a list',
      before: `agraph (float[2] x, float[3] z) => (float[3] y) <int64 last = {-1}> {
        list = SequenceConstruct (x, z)
        a = SequenceAt (list, last)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x, float[3] z) => (float[3] y) {
        y = Neg (z)
      }`,
    },
    {
      title: 'a list that grows is concatenated',
      before: `agraph (float[2] x, float[3] z) => (float[5] y) {
        none = SequenceEmpty ()
        one = SequenceInsert (none, x)
        two = SequenceInsert (one, z)
        y = ConcatFromSequence <axis = 0> (two)
      }`,
      after: `agraph (float[2] x, float[3] z) => (float[5] y) {
        y = Concat <axis = 0> (x, z)
      }`,
    },
    {
      title: 'a list is stacked',
      before: `agraph (float[2] x, float[2] z) => (float[2,2] y) {
        list = SequenceConstruct (x, z)
        y = ConcatFromSequence <axis = -1, new_axis = 1> (list)
      }`,
      after: `agraph (float[2] x, float[2] z) => (float[2,2] y) <int64[1] one = {1}, int64[1] also_one = {1}> {
        a = Unsqueeze (x, one)
        b = Unsqueeze (z, also_one)
        y = Concat <axis = 1> (a, b)
      }`,
    },
    {
      title: 'a position that is computed',
      before: `agraph (float[2] x, float[2] z, int64 at) => (float[2] y) {
        list = SequenceConstruct (x, z)
        y = SequenceAt (list, at)
      }`,
      after: 'unchanged',
    },
  ],
});
