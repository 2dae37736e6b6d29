import type { Attribute } from '../ir/attribute.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Tensor } from '../ir/tensor.ts';
import { sparseTensorsOf, tensorsOf } from './write-attribute.ts';

/** Every tensor a model holds: initializers, attributes and the parts of sparse tensors, at any depth, in file order. */
export function* tensorsOfModel(model: Model): IterableIterator<Tensor> {
  for (const definition of model.functions) yield* tensorsOfAttributes(definition.attributeDefaults);
  for (const graph of graphsOfModel(model)) {
    for (const { initializer, sparseInitializer } of graph.initializers) {
      if (initializer !== undefined) yield initializer;
      if (sparseInitializer !== undefined) yield* [sparseInitializer.values, sparseInitializer.indices];
    }
    for (const node of graph.nodes) {
      if (node.attributes.size > 0) yield* tensorsOfAttributes(node.attributes.values());
    }
  }
}

function* tensorsOfAttributes(attributes: Iterable<Attribute>): IterableIterator<Tensor> {
  for (const attribute of attributes) {
    yield* tensorsOf(attribute);
    for (const { values, indices } of sparseTensorsOf(attribute)) yield* [values, indices];
  }
}
