import { type FunctionDefinition, graphsOfModel, type Model, withSubgraphs } from '../ir/model.ts';

/** How often each function of the model is called, as the model was when somebody first asked. */
export class CallCount {
  readonly #model: Model;
  #counts: Map<FunctionDefinition, number> | undefined;
  readonly #sizes = new Map<FunctionDefinition, number>();

  constructor(model: Model) {
    this.#model = model;
  }

  of(definition: FunctionDefinition): number {
    return (this.#counts ??= this.#count()).get(definition) ?? 0;
  }

  /** Nodes that a call becomes when all calls in the function are put in place, too; counted to the end once for each function. */
  expandedSize(definition: FunctionDefinition): number {
    const pending = [definition];
    for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
      const callees = this.#calleesOf(top);
      const open = this.#sizes.has(top) ? [] : callees.filter((callee) => !this.#sizes.has(callee));
      if (open.length > 0) {
        pending.push(...open);
        continue;
      }
      pending.pop();
      if (this.#sizes.has(top)) continue;
      let size = 0;
      for (const graph of withSubgraphs(top.body)) size += graph.nodeCount;
      for (const callee of callees) size += this.#sizes.get(callee) ?? 0;
      this.#sizes.set(top, size);
    }
    return this.#sizes.get(definition) ?? 0;
  }

  #calleesOf({ body }: FunctionDefinition): FunctionDefinition[] {
    const callees: FunctionDefinition[] = [];
    for (const graph of withSubgraphs(body))
      for (const { domain, opType, overload } of graph.nodes) {
        const callee = this.#model.findFunction(domain, opType, overload);
        if (callee !== undefined) callees.push(callee);
      }
    return callees;
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
