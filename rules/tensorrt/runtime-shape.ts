import { lint, type Node, parserShapeCone, shapeProblem, type ShapeProblem, version } from '../../src/rule-kit.ts';
import { type ConstraintId, evidence, grounds } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { inputName } from './facts/input-names.ts';
import { shapeInputs } from './facts/shape-inputs.ts';

/** The newest parser below which the law of shape tensors was read and not seen. */
const OBSERVED_SINCE = version('10.16');
/** Shape tensors of two dimensions: refused up to 8.6, taken from 9.0 on (NVIDIA/TensorRT#2618). */
const RANKED_SINCE = version('9.0');
/** Producers whose layers did not compute shapes: NvInfer.h of 8.2 to 10.10; seen to do so at 10.16. */
const noShapeLayers: ReadonlySet<string> = new Set([
  'ScatterND',
  'ScatterElements',
  'MatMul',
  'Gemm',
  'Conv',
  'TopK',
  'CumSum',
  'Einsum',
]);

const reasons: Readonly<Record<ShapeProblem['kind'], string>> = {
  input: 'it depends on the elements of',
  extent: 'only at run time is it known how many elements there are in',
  rank: 'it has more than one dimension, in',
  branch: 'it comes out of an If, as',
  data: 'it depends on which elements are non-zero, in',
};

const MAXIMUM_ELEMENTS = 64;

/** Operators that take as many elements as there will be: observed with the parsers and builders of 10.16 to 11.4. */
const anyLength: ReadonlySet<string> = new Set(['Split', 'Tile']);
/** The scales of these are looked at by the parser when their number is known, and by the builder otherwise; observed likewise. */
const scaled: ReadonlySet<string> = new Set(['Resize', 'Upsample']);

/** The row that speaks of the operator, where one does. */
function rowOf(opType: string, { kind }: ShapeProblem): ConstraintId {
  if (kind === 'branch') return 'if-shape-tensor';
  if (opType === 'Range') return 'range-data-dependent';
  if (opType === 'Loop') return 'loop-length-shape-tensor';
  if (kind === 'extent')
    return opType === 'Expand'
      ? 'expand-shape-length'
      : opType === 'Slice'
        ? 'slice-runtime-lengths'
        : 'net-shape-tensor-types';
  return 'net-shape-tensor-polymorphic';
}

export default lint({
  id: 'tensorrt/runtime-shape',
  summary: 'A shape, size or count is computed in a way that TensorRT cannot follow when it works out shapes.',
  why: 'TensorRT computes all shapes before it runs the engine: from constants, from the shapes of tensors, and from integer inputs of fixed size, but not from data.',
  severity: 'error',
  errors: [
    'IShuffleLayer applied to shape tensor must have 0 or 1 reshape dimensions: dimensions were [-1,2]',
    'shape tensor must have build-time extent',
    'For range operator with dynamic inputs, this version of TensorRT only supports INT32!',
    'Range operator size must fit in int32!',
  ],
  messages: {
    underivable:
      '{op} {node} takes {input} from {value}, which {tensorrt} cannot compute ahead of the data: {reason} {origin}.',
    size: '{op} {node} takes {input} from {value}, of {count} elements; shape tensors of {tensorrt} hold 64 at most.',
    layer:
      '{op} {node} takes {input} from {value}, which {producer} helps to compute; that layer of {tensorrt} makes no shapes.',
    rank: '{op} {node} takes {input} from {value}, which is computed by way of {origin} of {rank} dimensions; shape tensors of {tensorrt} have at most one ("IShuffleLayer applied to shape tensor must have 0 or 1 reshape dimensions").',
  },
  advice: {
    underivable:
      'Export the model with that size fixed, or make it depend on the shape of a tensor instead of its elements; if nothing but constants go in, run `onnx-preflight simplify`.',
    size: 'Split the value, or use TensorRT 10.11 or later.',
    layer:
      'Run `onnx-preflight simplify`, which rewrites computed shapes from their values, or use TensorRT 10.16 or later.',
    rank: 'Run `onnx-preflight simplify`, which rewrites computed shapes from their values, or use TensorRT 9.0 or later.',
  },
  operators: [...shapeInputs.keys()],

  check(node, { model, target, view, opset, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const observed = target.version >= OBSERVED_SINCE;
    for (const index of shapeInputs.get(node.opType)?.(opset) ?? []) {
      const value = node.inputs[index];
      if (value === undefined || view.value(value).isWeights) continue;
      const input = inputName(node, index);
      const problem = shapeProblem(view, value);
      if (problem?.kind === 'extent' && observed && anyLength.has(node.opType)) continue;
      if (problem !== undefined) {
        const seen = view.value(value);
        const isLate = scaled.has(node.opType) && seen.type === 'FLOAT' && seen.dims?.[0] === -1;
        const origin =
          problem.at.producer === undefined ? `graph input ${problem.at.name}` : view.value(problem.at).origin;
        report(
          'underivable',
          { input, value: value.name, reason: reasons[problem.kind], origin },
          {
            value,
            stage: observed && !isLate ? 'parse' : 'build',
            confidence: observed ? 'certain' : 'likely',
            ...grounds(rowOf(node.opType, problem), target.version),
          },
        );
        continue;
      }
      if (observed) continue;
      const size = evidence('shape-tensor-size', target.version);
      const count = view.value(value).elementCount ?? 0;
      if (count > MAXIMUM_ELEMENTS && size !== undefined) {
        report('size', { input, value: value.name, count }, { value, stage: 'build', ...size });
        continue;
      }
      const cone = [...parserShapeCone(view, value)];
      const producer = cone
        .map((part) => part.producer)
        .find((part): part is Node => part !== undefined && noShapeLayers.has(part.opType));
      if (producer !== undefined)
        report(
          'layer',
          { input, value: value.name, producer: `${producer.opType} (node ${producer.label})` },
          {
            value,
            stage: 'build',
            confidence: 'likely',
            ...grounds('shape-tensor-ops', target.version),
          },
        );
      else if (target.version < RANKED_SINCE) {
        const wide = cone.find(
          (part) => !view.value(part).isWeights && part.producer !== undefined && (view.value(part).rank ?? 0) > 1,
        );
        if (wide !== undefined)
          report(
            'rank',
            { input, value: value.name, origin: wide.name, rank: view.value(wide).rank ?? 0 },
            { value, stage: 'build', ...grounds('shape-tensor-rank', target.version) },
          );
      }
    }
  },

  examples: [
    {
      title: 'the shape is a graph input of integers: TensorRT takes it',
      model: `agraph (float[2, 3] x, int64[2] shape) => (float[n, m] y) { y = Reshape (x, shape) }`,
      reports: [],
    },
    {
      title: 'the shape is read off a tensor: TensorRT takes it',
      model: `agraph (float[b, 3, 4] x) => (float[b, 12] y) <int64 first = {0}, int64[1] axis = {0}, int64[1] rest = {-1}> {
        shape = Shape (x)
        batch = Gather (shape, first)
        batches = Unsqueeze (batch, axis)
        target = Concat <axis = 0> (batches, rest)
        y = Reshape (x, target)
      }`,
      reports: [],
    },
    {
      title: 'the size depends on float data',
      model: `agraph (float[2, 3] x, float[2] sizes) => (float[n, m] y) {
        shape = Cast <to = 7> (sizes)
        y = Reshape (x, shape)
      }`,
      reports: ['underivable'],
    },
    {
      title: 'a size that is written into a shape: 10.3 has no such shape layer',
      model: `agraph (float[2, 3] x, int64[2] shape, int64[1] size) => (float[n, m] y) <int64[1, 1] first = {0}> {
        target = ScatterND (shape, first, size)
        y = Reshape (x, target)
      }`,
      target: 'tensorrt@10.3',
      reports: ['layer'],
    },
    {
      title: 'a shape out of 65 integers, for 10.3',
      model: `agraph (float[2, 3] x, int64[65] table) => (float y) { y = Expand (x, table) }`,
      target: 'tensorrt@10.3',
      reports: ['size'],
    },
    {
      title: 'a shape of unknown length',
      model: `agraph (float[2, 3] x, int64[k] shape) => (float y) { y = Reshape (x, shape) }`,
      reports: ['underivable'],
    },
    {
      title: 'as many repeats as there will be: Tile takes them',
      model: `agraph (float[2, 3] x, int64[k] repeats) => (float y) { y = Tile (x, repeats) }`,
      reports: [],
    },
    {
      title: 'pads by way of a matrix, as F.pad is exported: up to 8.6',
      model: `agraph (float[1, 1, 4, 4] x, int64[8] given) => (float[a, b, c, d] y) <int64[2] pairs = {-1, 2}, int64[1] flat = {-1}> {
        table = Reshape (given, pairs)
        turned = Transpose <perm = [1, 0]> (table)
        pads = Reshape (turned, flat)
        y = Pad (x, pads)
      }`,
      target: 'tensorrt@8.6',
      reports: ['rank'],
    },
  ],
});
