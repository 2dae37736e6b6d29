/** Sparse tensors: indices that lie within the dims, in ascending order. */
import type { Graph } from '../ir/graph.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import { modelRule } from '../ir/problem.ts';
import { integersOf, type SparseTensor } from '../ir/tensor.ts';
import type { ProblemList, Subject } from './problem-list.ts';

export const sparseTensorRule = modelRule({
  id: 'model/sparse-tensor',
  summary: 'The parts of a sparse tensor do not fit together.',
  why: 'values is [NNZ]; indices is int64 [NNZ] or [NNZ, rank], ascending and in range; dims are positive (onnx.proto, SparseTensorProto).',
  severity: 'error',
  effect: 'refuse',
  messages: {
    values: "the values of sparse tensor '{tensor}' are of rank {rank}, but must be of rank 1",
    dims: "sparse tensor '{tensor}' has the dims [{dims}], which must be one or more positive numbers",
    indexType: "the indices of sparse tensor '{tensor}' are {dataType}, but must be int64",
    indexShape: "the indices of sparse tensor '{tensor}' are [{shape}], but must be [{count}] or [{count}, {rank}]",
    range: "index {position} of sparse tensor '{tensor}' is out of range",
    order: "index {position} of sparse tensor '{tensor}' is not beyond the one before it",
  },
  advice: '',
});

export function checkSparseTensors(model: Model, list: ProblemList): void {
  for (const graph of graphsOfModel(model)) {
    for (const { name, sparseInitializer } of graph.initializers)
      if (sparseInitializer !== undefined) checkSparse(sparseInitializer, { graph, value: name }, list);
    for (const node of graph.nodes) {
      if (node.attributes.size === 0) continue;
      for (const attribute of node.attributes.values()) {
        if (attribute.kind === 'sparse_tensor') checkSparse(attribute.value, { node }, list);
        if (attribute.kind === 'sparse_tensors')
          for (const sparse of attribute.value) checkSparse(sparse, { node }, list);
      }
    }
  }
}

function checkSparse(
  { values, indices, dims }: SparseTensor,
  subject: Subject & { graph?: Graph },
  list: ProblemList,
): void {
  const tensor = values.name;
  const count = values.dims[0] ?? 0;
  const rank = dims.length;
  const before = list.problems.length;
  if (values.dims.length !== 1) list.report(sparseTensorRule, 'values', { tensor, rank: values.dims.length }, subject);
  if (rank === 0 || dims.some((dim) => dim <= 0))
    list.report(sparseTensorRule, 'dims', { tensor, dims: dims.join(', ') }, subject);
  if (indices.dataType !== 'int64')
    list.report(sparseTensorRule, 'indexType', { tensor, dataType: indices.dataType }, subject);
  const [rows, columns] = indices.dims;
  const isLinear = indices.dims.length === 1 && rows === count;
  if (!isLinear && !(indices.dims.length === 2 && rows === count && columns === rank))
    list.report(sparseTensorRule, 'indexShape', { tensor, shape: indices.dims.join(', '), count, rank }, subject);
  const elements = list.problems.length > before ? undefined : integersOf(indices);
  if (elements === undefined) return;
  const sizes = isLinear ? [dims.reduce((size, dim) => size * BigInt(dim), 1n)] : dims.map(BigInt);
  let previous = -1n;
  for (let position = 0; position < count; position++) {
    let index = 0n;
    for (const [axis, size] of sizes.entries()) {
      const element = elements[position * sizes.length + axis] ?? -1n;
      if (element < 0n || element >= size) return list.report(sparseTensorRule, 'range', { tensor, position }, subject);
      index = index * size + element;
    }
    if (index <= previous) return list.report(sparseTensorRule, 'order', { tensor, position }, subject);
    previous = index;
  }
}
