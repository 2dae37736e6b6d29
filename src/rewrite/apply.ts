import { invariant } from '../base/errors.ts';
import type { Dim } from '../infer/dim.ts';
import type { Fact } from '../infer/fact.ts';
import type { ModelFacts } from '../infer/facts.ts';
import { attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import { Node } from '../ir/node.ts';
import type { Patch } from '../ir/patch.ts';
import { Value } from '../ir/value.ts';
import { isVisibleAt } from './visibility.ts';

/** What a patch did, for the engine's work list. */
export interface Applied {
  /** New nodes. */
  readonly nodes: readonly Node[];
  /** Values that lost uses; their makers may be dead now. */
  readonly released: readonly Value[];
  /** Values that got new readers: these are worth another look. */
  readonly renewed: readonly Value[];
  /** Those of them of which more is known than of the values they replace: their readers' results may be better known, too. */
  readonly improved: ReadonlySet<Value>;
}

/**
 * Applies a patch after checking every seam: reads must be visible, and a replacement must not provably differ from
 * what it replaces in dtype, rank or dimensions. Answers the reason, and leaves the graph as it was, when a check fails.
 */
export function applyPatch(patch: Patch, facts: ModelFacts): Applied | string {
  const { graph, anchor } = patch;
  invariant(anchor.graph === graph, 'a patch is anchored in its own graph');
  const problem = checkReads(patch);
  if (problem !== undefined) return problem;
  const constants = addConstants(patch, facts);
  for (const node of patch.nodes) {
    graph.insertBefore(node, patch.places.get(node) ?? anchor);
    facts.inferNode(node);
  }
  const contradiction = checkSeams(patch, facts);
  if (contradiction !== undefined) {
    for (const node of [...patch.nodes].reverse()) graph.remove(node);
    for (const constant of constants) dropConstant(graph, constant);
    return contradiction;
  }
  const added: Node[] = [...patch.nodes];
  const released: Value[] = [...patch.unused];
  const improved = new Set<Value>();
  for (const { node, index, by } of patch.inputChanges) {
    const old = node.inputs[index];
    node.replaceInput(index, by);
    if (old !== undefined) released.push(old);
    if (by !== undefined && old !== undefined && addsTo(facts.get(old), facts.get(by))) improved.add(by);
  }
  for (const { old, by } of patch.replacements) {
    facts.adopt(by, old);
    if (addsTo(facts.get(old), facts.get(by))) improved.add(by);
    for (const user of [...old.users]) {
      // The new nodes may read the value they replace (a Cast of it, say).
      if (patch.nodes.includes(user)) continue;
      for (let index = user.inputs.indexOf(old); index >= 0; index = user.inputs.indexOf(old, index + 1))
        user.replaceInput(index, by);
    }
    for (const owner of [...old.outputOf]) added.push(...replaceOutput(owner, old, by, facts));
    released.push(old);
  }
  const renewed = [
    ...patch.replacements.map(({ by }) => by),
    ...patch.inputChanges.flatMap(({ by }) => (by === undefined ? [] : [by])),
    ...constants,
  ];
  return { nodes: added, released, renewed, improved };
}

/** True when `fact` says more of a value than `old` does. */
function addsTo(old: Fact, fact: Fact): boolean {
  if (fact === old) return false;
  if (fact.constant !== undefined && old.constant === undefined) return true;
  if (fact.dataType !== old.dataType || fact.otherType !== old.otherType) return true;
  return differ(old.shape, fact.shape) || differ(old.elements, fact.elements);
}

function differ(old: readonly Dim[] | undefined, dims: readonly Dim[] | undefined): boolean {
  if (dims === undefined || dims === old) return false;
  return old?.length !== dims.length || dims.some((dim, index) => dim !== old[index] && dim.key !== old[index]?.key);
}

function checkReads(patch: Patch): string | undefined {
  const made = new Set<Value>(patch.constants.map(({ value }) => value));
  for (const node of patch.nodes) {
    for (const input of node.inputs) {
      if (input !== undefined && !made.has(input) && !isVisibleAt(input, patch.places.get(node) ?? patch.anchor))
        return `value '${input.name}' is not visible here`;
    }
    for (const output of node.outputs) if (output !== undefined) made.add(output);
  }
  for (const { old, by } of patch.replacements) {
    if (made.has(by)) continue;
    const { producer } = old;
    if (producer === undefined ? old.graph !== by.graph : !isVisibleAt(by, producer))
      return `value '${by.name}' is not visible where '${old.name}' was`;
  }
  for (const { node, by } of patch.inputChanges) {
    if (by !== undefined && !made.has(by) && !isVisibleAt(by, node))
      return `value '${by.name}' is not visible at ${node.label}`;
  }
  return undefined;
}

function checkSeams(patch: Patch, facts: ModelFacts): string | undefined {
  for (const { old, by } of patch.replacements) {
    const before = facts.get(old);
    const after = facts.get(by);
    const contradiction = facts.contradicts(before, after);
    if (contradiction !== undefined) return `the replacement of '${old.name}' differs: ${contradiction}`;
    if (before.dataType !== undefined && after.dataType === undefined)
      return `the element type of the replacement of '${old.name}' is not known`;
  }
  return undefined;
}

/** A function body can hold no initializer, so there a constant is a Constant node. */
function addConstants(patch: Patch, facts: ModelFacts): Value[] {
  const { graph, anchor } = patch;
  const added: Value[] = [];
  for (const { value, tensor } of patch.constants) {
    if (!graph.allowsInitializers) {
      const node = new Node('Constant', [], [value], { attributes: [attribute.tensor('value', tensor.renamed(''))] });
      graph.insertBefore(node, anchor);
      facts.inferNode(node);
    } else {
      graph.addInitializer(value, tensor);
      facts.inferInitializer(value);
    }
    added.push(value);
  }
  return added;
}

function dropConstant(graph: Graph, value: Value): void {
  if (value.producer !== undefined) graph.remove(value.producer);
  else graph.deleteInitializer(value);
}

/**
 * Makes `by` the output of `owner` in place of `old`, under the name the output has always had.
 * Answers the Identity it had to add when `by` cannot take that name.
 */
function replaceOutput(owner: Graph, old: Value, by: Value, facts: ModelFacts): Node[] {
  if (takesName(owner, old, by)) {
    const { name } = old;
    old.rename(owner.names.unique(`${name}_replaced`));
    by.rename(name);
    by.type = old.type;
    by.docString = old.docString;
    by.metadataProps = old.metadataProps;
    setOutputs(owner, old, by);
    return [];
  }
  if (takesPosition(owner, by)) {
    setOutputs(owner, old, by);
    return [];
  }
  // A subgraph may hand out a value from around it, whose name is not the subgraph's to take.
  const isFromOutside = owner.owner !== undefined && old.graph !== owner;
  const name = isFromOutside ? owner.names.unique(`${old.name}_output`) : old.name;
  if (!isFromOutside && old.graph !== undefined) old.rename(old.graph.names.unique(`${name}_replaced`));
  const output = new Value(name, { type: old.type, docString: old.docString, metadataProps: old.metadataProps });
  const identity = new Node('Identity', [by], [output]);
  owner.append(identity);
  facts.inferNode(identity);
  facts.adopt(output, by);
  setOutputs(owner, old, output);
  return [identity];
}

function takesName(owner: Graph, old: Value, by: Value): boolean {
  // A name that another branch uses as well cannot be handed on; outputs of branches go by position anyway.
  const isOwnName = !owner.names.isShared(old.name);
  return isOwnName && by.producer !== undefined && by.graph === owner && old.graph === owner && !by.isGraphOutput;
}

/**
 * Only the names of the main graph and of a function are seen from outside; the outputs of a subgraph go by position. No value
 * is two of them, though: the ONNX checker and ONNX Runtime (1.30, If and Scan) then take one output for the other.
 */
function takesPosition(owner: Graph, by: Value): boolean {
  return owner.owner !== undefined && by.graph === owner && by.producer !== undefined && !owner.outputs.includes(by);
}

function setOutputs(owner: Graph, old: Value, by: Value): void {
  owner.outputs.forEach((output, index) => {
    if (output === old) owner.setOutput(index, by);
  });
}

/** A replacement of the output of an Identity (or what an Identity would be added for) that would only bring the Identity back. */
export function wouldKeepIdentity(old: Value, by: Value): boolean {
  // What is made for the purpose can be called what it must.
  if (by.graph === undefined && by.producer !== undefined) return false;
  for (const owner of old.outputOf) {
    if (!takesName(owner, old, by) && !takesPosition(owner, by)) return true;
  }
  return false;
}

/** For two nodes that undo one another, the Identity that would be kept is fewer: true only where the inner one stays, too. */
export function wouldSaveNothing(outer: Node, inner: Node, by: Value): boolean {
  return inner.output.onlyUser !== outer && wouldKeepIdentity(outer.output, by);
}
