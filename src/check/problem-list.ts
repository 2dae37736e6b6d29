import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import {
  makeProblem,
  type ModelRule,
  type Problem,
  type ProblemArguments,
  type ProblemPlace,
  type ProblemWeight,
} from '../ir/problem.ts';

/** What a problem is about. A node's graph is known; a value is named. */
export interface Subject {
  readonly graph?: Graph;
  readonly node?: Node;
  readonly value?: string;
}

/** What the checks of one model find. */
export class ProblemList {
  readonly problems: Problem[] = [];
  readonly model: Model;
  /** Positions of nodes, counted for graphs in which something is wrong. */
  readonly #indices = new Map<Graph, ReadonlyMap<Node, number>>();
  readonly #paths = new Map<Graph, readonly string[]>();

  constructor(model: Model) {
    this.model = model;
  }

  report<Messages extends Readonly<Record<string, string>>, Id extends keyof Messages & string>(
    rule: ModelRule<Messages>,
    messageId: Id,
    args: ProblemArguments<Messages[Id]>,
    subject: Subject,
    weight?: ProblemWeight,
  ): void {
    this.problems.push(makeProblem(rule, messageId, args, this.#placeOf(subject), weight));
  }

  #placeOf({ graph, node, value }: Subject): ProblemPlace {
    const within = graph ?? node?.graph;
    return {
      ...(within !== undefined && { graph: this.#pathOf(within) }),
      ...(node !== undefined && { node: node.label, opType: node.opType, nodeIndex: this.#indexOf(node) }),
      ...(value !== undefined && { value }),
    };
  }

  #pathOf(graph: Graph): readonly string[] {
    let path = this.#paths.get(graph);
    if (path === undefined) this.#paths.set(graph, (path = graph.path));
    return path;
  }

  #indexOf(node: Node): number {
    const { graph } = node;
    if (graph === undefined) return -1;
    let indices = this.#indices.get(graph);
    if (indices === undefined) {
      indices = new Map([...graph.nodes].map((each, index) => [each, index]));
      this.#indices.set(graph, indices);
    }
    return indices.get(node) ?? -1;
  }
}
