import type { Attribute } from '../../src/ir/attribute.ts';
import { graphsOf } from '../../src/ir/attribute.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import { type SparseTensor, type Tensor } from '../../src/ir/tensor.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Takes away every record of the source, so that saving encodes every message anew from the IR alone. */
export function forgetOrigins(model: Model): void {
  const graphs = [...graphsOfModel(model)];
  forget(model);
  for (const definition of model.functions) {
    forget(definition);
    (definition as Mutable<typeof definition>).attributeDefaults = definition.attributeDefaults.map(freshAttribute);
  }
  model.trainingInfo = model.trainingInfo.map(({ origin: _origin, ...info }) => info);
  for (const graph of graphs) {
    forget(graph);
    graph.strayValueInfo = graph.strayValueInfo.map(({ origin: _origin, ...entry }) => entry);
    for (const value of [...graph.inputs, ...graph.outputs, ...graph.initializers]) forget(value);
    for (const value of graph.initializers) {
      if (value.initializer !== undefined) value.initializer = freshTensor(value.initializer);
      if (value.sparseInitializer !== undefined) value.sparseInitializer = freshSparse(value.sparseInitializer);
    }
    for (const node of graph.nodes) {
      forget(node);
      for (const value of node.outputs) if (value !== undefined) forget(value);
      for (const attribute of [...node.attributes.values()]) node.setAttribute(freshAttribute(attribute));
    }
  }
}

function forget(object: { origin: unknown; changed: boolean }): void {
  object.origin = undefined;
  object.changed = true;
}

function freshTensor(tensor: Tensor): Tensor {
  return tensor.renamed(tensor.name);
}

function freshSparse({ values, indices, dims }: SparseTensor): SparseTensor {
  return { values: freshTensor(values), indices: freshTensor(indices), dims };
}

function freshAttribute(attribute: Attribute): Attribute {
  const { origin: _origin, ...rest } = attribute;
  const fresh = rest as Mutable<Attribute>;
  if (fresh.kind === 'tensor') fresh.value = freshTensor(fresh.value);
  if (fresh.kind === 'tensors') fresh.value = fresh.value.map(freshTensor);
  if (fresh.kind === 'sparse_tensor') fresh.value = freshSparse(fresh.value);
  if (fresh.kind === 'sparse_tensors') fresh.value = fresh.value.map(freshSparse);
  for (const graph of graphsOf(fresh)) graph.owner = undefined;
  return fresh;
}
