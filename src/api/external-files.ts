import type { Attribute } from '../ir/attribute.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';

function sparseParts({ values, indices }: SparseTensor): Tensor[] {
  return [values, indices];
}

function tensorsOfAttribute(attribute: Attribute): readonly Tensor[] {
  switch (attribute.kind) {
    case 'tensor':
      return [attribute.value];
    case 'tensors':
      return attribute.value;
    case 'sparse_tensor':
      return sparseParts(attribute.value);
    case 'sparse_tensors':
      return attribute.value.flatMap(sparseParts);
    default:
      return [];
  }
}

/** Every tensor a model holds: initializers and attributes, dense and the parts of sparse ones, of all graphs. */
export function* tensorsOfModel(model: Model): IterableIterator<Tensor> {
  for (const graph of graphsOfModel(model)) {
    for (const { initializer, sparseInitializer } of graph.initializers) {
      if (initializer !== undefined) yield initializer;
      if (sparseInitializer !== undefined) yield* sparseParts(sparseInitializer);
    }
    for (const node of graph.nodes)
      for (const attribute of node.attributes.values()) yield* tensorsOfAttribute(attribute);
  }
  for (const { attributeDefaults } of model.functions)
    for (const attribute of attributeDefaults) yield* tensorsOfAttribute(attribute);
}

/** What one file of external data holds for a model. */
export interface ExternalFile {
  readonly tensors: number;
  /** Bytes of their elements; the file itself may be larger. */
  readonly bytes: number;
}

/** The files of external data by their `location`, which is relative to the model's folder. */
export function externalFilesOf(model: Model): ReadonlyMap<string, ExternalFile> {
  const files = new Map<string, ExternalFile>();
  for (const { external, byteLength } of tensorsOfModel(model)) {
    if (external === undefined) continue;
    const { tensors, bytes } = files.get(external.location) ?? { tensors: 0, bytes: 0 };
    files.set(external.location, { tensors: tensors + 1, bytes: bytes + byteLength });
  }
  return files;
}
