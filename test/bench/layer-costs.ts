/**
 * `npm run bench -- layer-costs PYTHON`: how many layers TensorRT's parser makes of an operator, measured anew with the tensorrt-rtx of that
 * Python and compared with what is written here. Exit 1 when a row is no longer true.
 *
 * The rows are what tensorrt-rtx 1.7.1 (the parser of TensorRT 11.4) answered. What they say of the choices of preset `tensorrt`:
 * a Reshape to a constant is one layer, and a Squeeze or Unsqueeze two; a Flatten of a dynamic shape is seven; a Slice brings the
 * normalization of its bounds along, 27 layers even where all is constant, while a Gather from a shape is two; a Split of a dynamic
 * value reads the size of each part anew unless all are equal; an operand of fewer axes is a Shuffle more.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { writeModelFile } from '../../src/platform/node.ts';
import { table } from '../../src/report/table.ts';
import { parseModel } from '../../src/text/parse.ts';

interface LayerCost {
  readonly what: string;
  /** From the graph's inputs to the end, in ONNX text. */
  readonly graph: string;
  readonly layers: number;
  readonly opset?: number;
}

export const layerCosts: readonly LayerCost[] = [
  { what: 'Relu', graph: '(float[B,N,2] x) => (float[B,N,2] y) { y = Relu (x) }', layers: 1 },
  {
    what: 'Add of a constant of as many axes',
    graph: '(float[B,N,2] x) => (float[B,N,2] y) <float[1,1,2] c = {1, 2}> { y = Add (x, c) }',
    layers: 2,
  },
  {
    what: 'Add of a constant of fewer axes',
    graph: '(float[B,N,2] x) => (float[B,N,2] y) <float[2] c = {1, 2}> { y = Add (x, c) }',
    layers: 3,
  },
  {
    what: 'MatMul of two axes by a constant',
    graph: '(float[B,2] x) => (float[B,2] y) <float[2,2] w = {1, 2, 3, 4}> { y = MatMul (x, w) }',
    layers: 2,
  },
  {
    what: 'MatMul of three axes by a matrix',
    graph: '(float[B,N,2] x) => (float[B,N,2] y) <float[2,2] w = {1, 2, 3, 4}> { y = MatMul (x, w) }',
    layers: 3,
  },
  {
    what: 'Gemm with a bias',
    graph: '(float[B,2] x) => (float[B,2] y) <float[2,2] w = {1, 2, 3, 4}, float[2] b = {1, 2}> { y = Gemm (x, w, b) }',
    layers: 5,
  },
  {
    what: 'Gemm without a bias',
    graph: '(float[B,2] x) => (float[B,2] y) <float[2,2] w = {1, 2, 3, 4}> { y = Gemm (x, w) }',
    layers: 2,
  },
  {
    what: 'Reshape to a constant',
    graph: '(float[B,N,8] x) => (float[B,N,4,2] y) <int64[4] s = {0, 0, 4, 2}> { y = Reshape (x, s) }',
    layers: 1,
  },
  {
    what: 'Reshape to two dims that are read, and numbers',
    graph:
      '(float[B,N,4] x) => (float[B,N,2,2] y) <int64[2] i = {0, 1}, int64[2] r = {2, 2}> { s = Shape (x) g = Gather (s, i) c = Concat <axis = 0> (g, r) y = Reshape (x, c) }',
    layers: 7,
  },
  { what: 'Flatten, fixed', graph: '(float[3,4,2] x) => (float[3,8] y) { y = Flatten (x) }', layers: 1 },
  { what: 'Flatten, dynamic', graph: '(float[B,4,2] x) => (float[B,8] y) { y = Flatten (x) }', layers: 7 },
  {
    what: 'Squeeze',
    graph: '(float[B,1,2] x) => (float[B,2] y) <int64[1] a = {1}> { y = Squeeze (x, a) }',
    layers: 2,
  },
  {
    what: 'Unsqueeze',
    graph: '(float[B,2] x) => (float[B,1,2] y) <int64[1] a = {1}> { y = Unsqueeze (x, a) }',
    layers: 2,
  },
  {
    what: 'Transpose',
    graph: '(float[B,2,3] x) => (float[B,3,2] y) { y = Transpose <perm = [0, 2, 1]> (x) }',
    layers: 1,
  },
  {
    what: 'Split into three, fixed',
    graph:
      '(float[2,9] x) => (float[2,3] a, float[2,3] b, float[2,3] c) <int64[3] s = {3, 3, 3}> { a, b, c = Split <axis = 1> (x, s) }',
    layers: 3,
  },
  {
    what: 'Split into three by sizes, dynamic',
    graph:
      '(float[B,9] x) => (float[B,3] a, float[B,3] b, float[B,3] c) <int64[3] s = {3, 3, 3}> { a, b, c = Split <axis = 1> (x, s) }',
    layers: 15,
  },
  {
    what: 'Split into three equal parts, dynamic',
    graph:
      '(float[B,9] x) => (float[B,3] a, float[B,3] b, float[B,3] c) { a, b, c = Split <axis = 1, num_outputs = 3> (x) }',
    layers: 12,
  },
  {
    what: 'Slice, fixed',
    graph:
      '(float[2,9] x) => (float[2,3] y) <int64[1] s = {3}, int64[1] e = {6}, int64[1] a = {1}> { y = Slice (x, s, e, a) }',
    layers: 27,
  },
  {
    what: 'Slice of opset 9',
    graph: '(float[2,9] x) => (float[2,3] y) { y = Slice <starts = [3], ends = [6], axes = [1]> (x) }',
    layers: 1,
    opset: 9,
  },
  {
    what: 'Slice of a dynamic axis',
    graph:
      '(float[N,9] x) => (float[M,9] y) <int64[1] s = {1}, int64[1] e = {9223372036854775807}, int64[1] a = {0}> { y = Slice (x, s, e, a) }',
    layers: 30,
  },
  {
    what: 'Gather of one index',
    graph: '(float[B,N,9] x) => (float[B,N] y) <int64 i = {3}> { y = Gather <axis = 2> (x, i) }',
    layers: 3,
  },
  {
    what: 'Gather of one index of int32',
    graph: '(float[B,N,9] x) => (float[B,N] y) <int32 i = {3}> { y = Gather <axis = 2> (x, i) }',
    layers: 2,
  },
  { what: 'Shape', graph: '(float[B,N] x) => (int64[2] y) { y = Shape (x) }', layers: 2 },
  {
    what: 'Shape from start to end',
    graph: '(float[B,N,4] x) => (int64[1] y) { y = Shape <start = 1, end = 2> (x) }',
    layers: 3,
  },
  {
    what: 'Shape and Gather',
    graph: '(float[B,N,4] x) => (int64[1] y) <int64[1] i = {1}> { s = Shape (x) y = Gather (s, i) }',
    layers: 4,
  },
  {
    what: 'Shape and Slice',
    graph:
      '(float[B,N,4] x) => (int64[1] y) <int64[1] i = {1}, int64[1] e = {2}, int64[1] a = {0}> { s = Shape (x) y = Slice (s, i, e, a) }',
    layers: 29,
  },
  {
    what: 'Expand to a constant',
    graph: '(float[1,4] x) => (float[3,4] y) <int64[2] s = {3, 4}> { y = Expand (x, s) }',
    layers: 1,
  },
  {
    what: 'Expand to the shape of another value',
    graph: '(float[1,4] x, float[B,4] z) => (float[B,4] y) { s = Shape (z) y = Expand (x, s) }',
    layers: 9,
  },
  {
    what: 'LayerNormalization',
    graph:
      '(float[B,N,2] x) => (float[B,N,2] y) <float[2] s = {1, 2}, float[2] b = {1, 2}> { y = LayerNormalization (x, s, b) }',
    layers: 5,
  },
  {
    what: 'RMSNormalization',
    graph: '(float[B,N,2] x) => (float[B,N,2] y) <float[2] s = {1, 2}> { y = RMSNormalization (x, s) }',
    layers: 11,
    opset: 23,
  },
  { what: 'Gelu', graph: '(float[B,2] x) => (float[B,2] y) { y = Gelu (x) }', layers: 1, opset: 20 },
  { what: 'HardSwish', graph: '(float[B,2] x) => (float[B,2] y) { y = HardSwish (x) }', layers: 2 },
  { what: 'Mish', graph: '(float[B,2] x) => (float[B,2] y) { y = Mish (x) }', layers: 3 },
  { what: 'Swish', graph: '(float[B,N,2] x) => (float[B,N,2] y) { y = Swish (x) }', layers: 6, opset: 24 },
  {
    what: 'Softmax, fixed',
    graph: '(float[2,4,4] x) => (float[2,4,4] y) { y = Softmax <axis = -1> (x) }',
    layers: 2,
  },
  {
    what: 'Softmax, dynamic',
    graph: '(float[B,N,4] x) => (float[B,N,4] y) { y = Softmax <axis = -1> (x) }',
    layers: 4,
  },
  {
    what: 'Conv',
    graph: '(float[B,1,H,W] x) => (float[B,1,H,W] y) <float[1,1,1,1] w = {1}, float[1] b = {1}> { y = Conv (x, w, b) }',
    layers: 1,
  },
  {
    what: 'Conv of one axis',
    graph: '(float[B,1,W] x) => (float[B,1,W] y) <float[1,1,1] w = {1}> { y = Conv (x, w) }',
    layers: 5,
  },
  {
    what: 'GlobalAveragePool',
    graph: '(float[B,1,H,W] x) => (float[B,1,1,1] y) { y = GlobalAveragePool (x) }',
    layers: 1,
  },
  {
    what: 'Pad, dynamic',
    graph: '(float[B,1,H,W] x) => (float[B,1,P,Q] y) <int64[8] p = {0, 0, 1, 1, 0, 0, 1, 1}> { y = Pad (x, p) }',
    layers: 7,
  },
  {
    what: 'DepthToSpace, fixed',
    graph: '(float[2,4,4,4] x) => (float[2,1,8,8] y) { y = DepthToSpace <blocksize = 2> (x) }',
    layers: 2,
  },
  {
    what: 'DepthToSpace, dynamic',
    graph: '(float[B,4,H,W] x) => (float[B,1,P,Q] y) { y = DepthToSpace <blocksize = 2> (x) }',
    layers: 22,
  },
  {
    what: 'Range of a computed number',
    graph: '(int64 n) => (int64[N] y) <int64 z = {0}, int64 o = {1}> { y = Range (z, n, o) }',
    layers: 13,
  },
  { what: 'Less', graph: '(int64[B] x, int64[B] z) => (bool[B] y) { y = Less (x, z) }', layers: 1 },
  { what: 'LessOrEqual', graph: '(int64[B] x, int64[B] z) => (bool[B] y) { y = LessOrEqual (x, z) }', layers: 3 },
];

export async function benchLayerCosts([python]: readonly string[]): Promise<number> {
  if (python === undefined) {
    console.error('bench: name a Python that has tensorrt-rtx');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-layers-'));
  let misses = 0;
  const rows: string[][] = [];
  try {
    for (const { what, graph, layers, opset = 18 } of layerCosts) {
      const path = join(folder, 'model.onnx');
      await writeModelFile(parseModel(`<ir_version: 10, opset_import: ["": ${opset}]> cost ${graph}`), path);
      const measured = measuredLayers(python, path);
      if (measured !== layers) misses++;
      rows.push([what, `${layers}`, measured === layers ? '' : `measured ${measured ?? 'refused'}`]);
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(table([['what', 'layers', ''], ...rows], ['left', 'right', 'left']).join('\n'));
  return misses === 0 ? 0 : 1;
}

function measuredLayers(python: string, path: string): number | null {
  const { stdout } = spawnSync(python, ['test/bench/simplify/layers.py', path], { encoding: 'utf8' });
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  return line === undefined ? null : (JSON.parse(line) as { readonly layers: number | null }).layers;
}
