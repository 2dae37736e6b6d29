/** FlexAttention of ai.onnx.preview: attention whose scores and probabilities the model's own graphs may change. */
import type { Attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import { type DataType, dataTypeOfCode } from '../ir/data-type.ts';
import type { NDArray } from './array.ts';
import { multiplyMatrices } from './contraction.ts';
import type { GraphRunner } from './control-flow.ts';
import { fromDoubles } from './convert.ts';
import { doublesIn } from './kernel.ts';
import { softmaxRow } from './kernels/softmax.ts';
import { transposed } from './move.ts';
import { refuse } from './refusal.ts';
import { isArray, type RuntimeValue } from './runtime-value.ts';

/** Q [B, Hq, L, E], K [B, Hkv, S, E], V [B, Hkv, S, Ev] -> Y [B, Hq, L, Ev]; a group of query heads shares a key head. */
export function runFlexAttention(
  attributes: ReadonlyMap<string, Attribute>,
  inputs: readonly (RuntimeValue | undefined)[],
  runner: GraphRunner,
): RuntimeValue[] {
  const [q, k, v] = [0, 1, 2].map((index) => arrayAt(inputs, index)) as [NDArray, NDArray, NDArray];
  const [batches, heads, queries, size] = q.dims as [number, number, number, number];
  const [, shared, keys] = k.dims as [number, number, number];
  const valueSize = v.dims[3] as number;
  if (heads % shared !== 0 || k.dims[3] !== size || v.dims[1] !== shared || v.dims[2] !== keys)
    return refuse('inputs of FlexAttention do not fit');
  const scaleAttribute = attributes.get('scale');
  const scale = scaleAttribute?.kind === 'float' ? scaleAttribute.value : 1 / Math.sqrt(size);
  const [queryData, keyData, valueData] = [doublesIn(q), doublesIn(transposed(k, [0, 1, 3, 2])), doublesIn(v)];
  const planes = batches * heads;
  const sharedPlane = (plane: number): number =>
    Math.floor(plane / heads) * shared + Math.floor(((plane % heads) * shared) / heads);
  const scores = new Float64Array(planes * queries * keys);
  for (let plane = 0; plane < planes; plane++) {
    const [from, to] = [plane * queries * size, plane * queries * keys];
    multiplyMatrices(queryData, from, keyData, sharedPlane(plane) * size * keys, scores, to, queries, size, keys);
  }
  const inner = precisionOf(attributes, q.dataType);
  const dims = [batches, heads, queries, keys];
  const changed = (name: string, data: Float64Array): Float64Array => {
    const graph = graphAt(attributes, name);
    if (graph === undefined) return data;
    const [result] = runner.run(graph, [fromDoubles(data, dims, inner)]);
    const array = result !== undefined && isArray(result) ? result : refuse(`${name} gives no tensor`);
    if (array.dims.join() !== dims.join()) return refuse(`${name} changes the shape`);
    return Float64Array.from(doublesIn(array));
  };
  const modified = changed(
    'score_mod',
    scores.map((score) => score * scale),
  );
  for (let row = 0; row < planes * queries; row++) softmaxRow(modified, row * keys, keys);
  const probabilities = changed('prob_mod', modified);
  const y = new Float64Array(planes * queries * valueSize);
  for (let plane = 0; plane < planes; plane++) {
    const [from, to] = [plane * queries * keys, plane * queries * valueSize];
    const values = sharedPlane(plane) * keys * valueSize;
    multiplyMatrices(probabilities, from, valueData, values, y, to, queries, keys, valueSize);
  }
  return [fromDoubles(y, [batches, heads, queries, valueSize], v.dataType)];
}

function arrayAt(inputs: readonly (RuntimeValue | undefined)[], index: number): NDArray {
  const value = inputs[index];
  if (value === undefined || !isArray(value) || value.dims.length !== 4)
    return refuse('inputs of FlexAttention have four axes');
  return value;
}

function graphAt(attributes: ReadonlyMap<string, Attribute>, name: string): Graph | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'graph' ? attribute.value : undefined;
}

/** The type in which the graphs see scores: float, or double for double. */
function precisionOf(attributes: ReadonlyMap<string, Attribute>, dataType: DataType): DataType {
  const code = attributes.get('softmax_precision');
  if (code?.kind !== 'int') return dataType === 'double' ? 'double' : 'float';
  return dataTypeOfCode(Number(code.value)) ?? refuse('softmax_precision is no element type');
}
