/** What a model says beside its computation, to be left out. */
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Strippable } from './strippable.ts';

interface Described {
  docString: string | undefined;
  metadataProps: ReadonlyMap<string, string>;
}

/** Strips a model in place; answers true when there was something to strip. Documentation of tensors goes with `docs`. */
export function stripModel(model: Model, parts: readonly Strippable[]): boolean {
  const isStripped = {
    docs: parts.includes('docs'),
    metadata: parts.includes('metadata'),
    names: parts.includes('names'),
  };
  let changed = false;
  const strip = (object: Described): boolean => {
    let isChanged = false;
    if (isStripped.docs && object.docString !== undefined && object.docString !== '') {
      object.docString = undefined;
      isChanged = true;
    }
    if (isStripped.metadata && object.metadataProps.size > 0) {
      object.metadataProps = new Map();
      isChanged = true;
    }
    if (isChanged) changed = true;
    return isChanged;
  };
  if (strip(model)) model.changed = true;
  for (const definition of model.functions) if (strip(definition)) definition.changed = true;
  for (const graph of graphsOfModel(model)) {
    if (strip(graph)) graph.touch();
    const values = new Set([...graph.inputs, ...graph.initializers]);
    for (const node of graph.nodes) {
      if (strip(node)) node.touch();
      if (isStripped.names && node.name !== '') {
        node.name = '';
        node.touch();
        changed = true;
      }
      for (const value of node.outputs) if (value !== undefined) values.add(value);
    }
    for (const value of values) {
      if (strip(value)) {
        value.changed = true;
        graph.touch();
      }
    }
  }
  return changed;
}
