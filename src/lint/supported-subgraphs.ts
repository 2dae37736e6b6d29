/**
 * What is left of a rejected model for those who hand TensorRT parts of it, such as ONNX Runtime's TensorRT provider: the runs of
 * nodes between those that the parser refuses. `supports_model_v2` cuts in the same way, but stops at the first node that it fails
 * to import; a partial user asks again of each run, and here all cuts are known at once.
 */
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { NodeRun } from './finding.ts';
import { mainNodesOf, type Visit } from './walk.ts';

/** What the parser stops at: a node, or an input or initializer of the main graph. */
export interface Refusal {
  readonly visit: Visit | undefined;
  readonly value: Value | undefined;
}

/**
 * Runs of the main graph's nodes, in file order; undefined when what is refused is the model as a whole. `mayEnter` says whether
 * TensorRT has a type for a value, so that a run may begin with it.
 */
export function supportedSubgraphs(
  visits: readonly Visit[],
  refusals: readonly Refusal[],
  mayEnter: (value: Value) => boolean,
): NodeRun[] | undefined {
  const refused = new Set<number>();
  const lost: Value[] = [];
  for (const { visit, value } of refusals) {
    if (visit !== undefined) for (const node of mainNodesOf(visit)) refused.add(node);
    else if (value !== undefined) lost.push(value);
    else return undefined;
  }
  const main: Node[] = [];
  const visitsOfNode = new Map<Node, Visit[]>();
  for (const visit of visits) {
    if (visit.entrance === undefined) main.push(visit.node);
    const known = visitsOfNode.get(visit.node);
    if (known === undefined) visitsOfNode.set(visit.node, [visit]);
    else known.push(visit);
  }
  // What a refused node makes comes into the next run from outside; where it cannot, whatever reads it goes as well.
  const seen = new Set(lost);
  for (const index of refused) loseOutputs(index);
  for (let value = lost.pop(); value !== undefined; value = lost.pop())
    for (const user of value.users)
      for (const visit of visitsOfNode.get(user) ?? [])
        for (const index of mainNodesOf(visit)) {
          if (refused.has(index)) continue;
          refused.add(index);
          loseOutputs(index);
        }
  const runs: NodeRun[] = [];
  let first = 0;
  for (let index = 0; index <= main.length; index++) {
    if (index < main.length && !refused.has(index)) continue;
    if (first < index) runs.push([first, index - 1]);
    first = index + 1;
  }
  return runs;

  function loseOutputs(index: number): void {
    for (const output of main[index]?.outputs ?? [])
      if (output !== undefined && !seen.has(output) && !mayEnter(output)) {
        seen.add(output);
        lost.push(output);
      }
  }
}
