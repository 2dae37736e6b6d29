import { type FunctionDefinition, graphsOfModel, type Model } from '../ir/model.ts';

/** How often each function of the model is called, as the model was when somebody first asked. */
export class CallCount {
  readonly #model: Model;
  #counts: Map<FunctionDefinition, number> | undefined;

  constructor(model: Model) {
    this.#model = model;
  }

  of(definition: FunctionDefinition): number {
    return (this.#counts ??= this.#count()).get(definition) ?? 0;
  }

  #count(): Map<FunctionDefinition, number> {
    const counts = new Map<FunctionDefinition, number>();
    for (const graph of graphsOfModel(this.#model))
      for (const { domain, opType, overload } of graph.nodes) {
        const called = this.#model.findFunction(domain, opType, overload);
        if (called !== undefined) counts.set(called, (counts.get(called) ?? 0) + 1);
      }
    return counts;
  }
}
