import { type FunctionDefinition, graphsOfModel, type Model, rootGraphsOf, withSubgraphs } from '../ir/model.ts';

/** Removes initializers that nothing reads; inputs keep their defaults, and what a training binding updates stays. Answers how many. */
export function removeUnusedInitializers(model: Model): number {
  let count = 0;
  for (const graph of graphsOfModel(model)) {
    for (const value of [...graph.initializers]) {
      if (value.isUsed || value.isInput || value.isMutable) continue;
      graph.deleteInitializer(value);
      count++;
    }
  }
  return count;
}

/** Removes functions that are called from nowhere but functions of their kind. Answers how many. */
export function removeUnusedFunctions(model: Model): number {
  if (model.functions.length === 0) return 0;
  const bodies = new Set(model.functions.map(({ body }) => body));
  const called = new Set<FunctionDefinition>();
  const pending = rootGraphsOf(model).filter((root) => !bodies.has(root));
  for (let root = pending.pop(); root !== undefined; root = pending.pop())
    for (const graph of withSubgraphs(root))
      for (const { domain, opType, overload } of graph.nodes) {
        const definition = model.findFunction(domain, opType, overload);
        if (definition === undefined || called.has(definition)) continue;
        called.add(definition);
        pending.push(definition.body);
      }
  const count = model.functions.length - called.size;
  if (count > 0) {
    model.functions = model.functions.filter((definition) => called.has(definition));
    model.changed = true;
  }
  return count;
}
