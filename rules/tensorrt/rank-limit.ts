import { lint } from '../../src/rule-kit.ts';
import { type ConstraintId, grounds } from './facts/constraints.ts';

/** Dims::MAX_DIMS of NvInferRuntimeBase.h, in every release from 7.0 to 11.1. */
const MAXIMUM_RANK = 8;

/** The row that speaks of the operator, where one does. */
function rowOf(opType: string): ConstraintId {
  if (opType === 'Unsqueeze') return 'unsqueeze-rank';
  return opType === 'Transpose' ? 'transpose-rank' : 'net-max-rank';
}

export default lint({
  id: 'tensorrt/rank-limit',
  summary: 'A tensor has more than 8 dimensions.',
  why: 'TensorRT holds at most 8 dimensions a tensor, results in between included.',
  severity: 'error',
  messages: { tooMany: '{value} has {rank} dimensions; {tensorrt} takes at most 8.' },
  advice: 'Merge dimensions of {value} that are used together before it is made.',

  checkModel({ model, target, view, report }) {
    for (const value of [...model.graph.inputs, ...model.graph.initializers]) {
      const rank = view.value(value).rank ?? 0;
      if (rank > MAXIMUM_RANK)
        report(
          'tooMany',
          { value: value.name, rank },
          { value, ...grounds(value.isInput ? 'model-input-rank-over-8' : 'init-rank-over-8', target.version) },
        );
    }
  },

  check(node, { target, output, report }) {
    node.outputs.forEach((value, index) => {
      const rank = output(index)?.rank ?? 0;
      if (value !== undefined && rank > MAXIMUM_RANK)
        report('tooMany', { value: value.name, rank }, { value, ...grounds(rowOf(node.opType), target.version) });
    });
  },

  examples: [
    {
      title: 'an input of rank 9',
      model: `agraph (float[1, 1, 1, 1, 1, 1, 1, 1, 2] x) => (float[2] y) <int64[1] flat = {2}> { y = Reshape (x, flat) }`,
      reports: ['tooMany'],
    },
    {
      title: 'a result of rank 9 on the way',
      model: `agraph (float[2] x) => (float[2] y) <int64[9] wide = {1, 1, 1, 1, 1, 1, 1, 1, 2}, int64[1] flat = {2}> {
        a = Reshape (x, wide)
        b = Neg (a)
        y = Reshape (b, flat)
      }`,
      reports: ['tooMany', 'tooMany'],
    },
    {
      title: 'rank 8',
      model: `agraph (float[1, 1, 1, 1, 1, 1, 1, 2] x) => (float[1, 1, 1, 1, 1, 1, 1, 2] y) { y = Neg (x) }`,
      reports: [],
    },
  ],
});
