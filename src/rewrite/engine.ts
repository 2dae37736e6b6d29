import type { ModelFacts } from '../infer/facts.ts';
import type { Graph } from '../ir/graph.ts';
import { type Model, graphsOfModel } from '../ir/model.ts';
import { Node } from '../ir/node.ts';
import type { Patch } from '../ir/patch.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { applyPatch } from './apply.ts';
import { RewriteContext, type SharedIndexes } from './context.ts';
import { CallCount } from './call-count.ts';
import { removeUnused } from './dead.ts';
import { DuplicateIndex } from './duplicates.ts';
import { InitializerIndex } from './initializer-index.ts';
import { matchPattern } from './pattern.ts';
import type { AppliedRewrite, Assumption } from './report.ts';
import type { RewriteRule } from './rule.ts';
import type { Trace } from './trace.ts';

export interface EngineOptions {
  /** Symbolic dims of graph inputs are at least 1 (the assumption `nonempty`). */
  readonly assumeNonempty: boolean;
  /** Fold with kernels that are exact to the bit only. */
  readonly exactOnly: boolean;
  /** Fold QuantizeLinear and DequantizeLinear of constants, too. By default they stay. */
  readonly foldQuantization?: boolean;
  /** Layers of TensorRT's network count more than nodes. */
  readonly fewestLayers?: boolean;
  /**
   * Why a node that a rule would add is not wanted (the target has no such operator, say); undefined when it is. It is asked
   * for nodes of operators that the rule does not find there already, with the opset of ai.onnx that they are to be written in.
   */
  readonly refuseNode?: (node: Node, opset: number) => string | undefined;
  /** Nodes that no rule may rewrite, since the user says so. */
  readonly isSkipped?: ((node: Node) => boolean) | undefined;
  /** Told of each rewrite once it is done. */
  readonly observe?: ((step: RewriteStep) => void) | undefined;
  /** Stop after so many rewrites of the trace; all that were applied stand. Without it there is no limit. */
  readonly maximumApplications?: number | undefined;
}

/** One rewrite, for those who keep a record. */
export interface RewriteStep extends AppliedRewrite {
  readonly opType: string;
  readonly assumptions: ReadonlySet<Assumption>;
  readonly made: readonly Node[];
  /** Nodes that are gone now. */
  readonly removed: readonly Node[];
}

/**
 * Applications allowed for each node of the model before the engine stops with a note. Rules only ever make a graph
 * smaller or more canonical, so a run uses a few; two rules that undo each other would otherwise never end.
 */
const MAXIMUM_APPLICATIONS_PER_NODE = 50;

/**
 * Applies rules from a work list until none applies any more. Each node is looked at when it is new, when a value it reads
 * was replaced or became better known, and when a value it makes lost a user. Answers false when it gave up.
 */
export function runRules(
  model: Model,
  facts: ModelFacts,
  rules: readonly RewriteRule[],
  trace: Trace,
  options: EngineOptions,
): boolean {
  return new Engine(model, facts, rules, trace, options).run();
}

/** A node that has fewer fellow readers may be rewritten in another way; beyond this nothing depends on their number. */
const FEW_USERS = 8;

class Engine {
  readonly #model: Model;
  readonly #facts: ModelFacts;
  readonly #trace: Trace;
  /** Rules by the operator of their root, those for any operator included, in the order given. */
  #rules: readonly RewriteRule[];
  readonly #allRules: readonly RewriteRule[];
  #budget = 0;
  readonly #rulesByOperator = new Map<string, readonly RewriteRule[]>();
  readonly #shared: SharedIndexes;
  readonly #options: EngineOptions;
  readonly #pending = new Set<Node>();
  readonly #constantOf = (value: Value): Tensor | undefined => this.#facts.get(value).constant;
  readonly #maximumApplications: number;

  constructor(model: Model, facts: ModelFacts, rules: readonly RewriteRule[], trace: Trace, options: EngineOptions) {
    this.#model = model;
    this.#facts = facts;
    this.#allRules = rules;
    this.#rules = rules.filter(({ isLate }) => isLate !== true);
    this.#trace = trace;
    const { assumeNonempty, exactOnly, maximumApplications = Infinity } = options;
    const { foldQuantization = false, fewestLayers = false } = options;
    const initializers = new InitializerIndex();
    const duplicates = new DuplicateIndex(model);
    const calls = new CallCount(model);
    this.#shared = {
      model,
      duplicates,
      initializers,
      calls,
      assumeNonempty,
      exactOnly,
      foldQuantization,
      fewestLayers,
    };
    this.#options = options;
    this.#maximumApplications = maximumApplications;
  }

  run(): boolean {
    let nodeCount = 0;
    for (const graph of graphsOfModel(this.#model)) nodeCount += graph.nodeCount;
    this.#budget = MAXIMUM_APPLICATIONS_PER_NODE * (nodeCount + 1);
    for (const node of canonicalOrder(this.#model)) {
      this.#pending.add(node);
      this.#shared.duplicates.note(node);
    }
    if (!this.#work()) return false;
    const late = this.#allRules.filter(({ isLate }) => isLate === true);
    if (late.length === 0) return true;
    this.#rules = this.#allRules;
    this.#rulesByOperator.clear();
    const roots = new Set(late.flatMap(({ pattern }) => pattern.operators ?? []));
    for (const node of canonicalOrder(this.#model)) if (roots.has(node.operator)) this.#pending.add(node);
    return this.#work();
  }

  /** Works the list off; false when rules go on and on. */
  #work(): boolean {
    for (const node of this.#pending) {
      if (this.#trace.applications >= this.#maximumApplications) break;
      this.#pending.delete(node);
      if (node.graph === undefined) continue;
      while (this.#rewriteOnce(node)) {
        if (--this.#budget < 0) return false;
        if (this.#trace.applications >= this.#maximumApplications) break;
      }
    }
    return true;
  }

  /** Tries the rules on a node in order; true when one applied and the node is still there. */
  #rewriteOnce(node: Node): boolean {
    this.#shared.duplicates.note(node);
    this.#trace.forget(node);
    for (const rule of this.#rulesFor(node)) {
      if (rule.since !== undefined && (node.graph?.opsetVersion('') ?? 0) < rule.since) continue;
      if (rule.isForTarget === true && !this.#isRefused(node)) continue;
      const captures = matchPattern(rule.pattern, node, this.#constantOf);
      if (captures === undefined) continue;
      const context = new RewriteContext(this.#facts, node, this.#shared);
      if (rule.pattern.operators !== undefined && !isReadable(captures, context)) continue;
      const answer = rule.rewrite(Object.fromEntries(captures) as never, context);
      if (answer === undefined) continue;
      if ('refused' in answer) {
        this.#trace.refused(rule.id, node, answer.refused);
        continue;
      }
      const overridden = answer.nodes.find((made) => !context.isCopy(made) && context.isOverridden(made));
      if (overridden !== undefined) {
        this.#trace.refused(rule.id, node, `a function of the model overrides ${overridden.operator}`);
        continue;
      }
      const unwanted = this.#unwanted(answer, captures, context);
      if (unwanted !== undefined) {
        this.#trace.refused(rule.id, node, unwanted);
        continue;
      }
      const place = { graph: node.graph?.path ?? [], node: node.label };
      const removed: Node[] = [];
      const applied = applyPatch(answer, this.#facts);
      if (typeof applied === 'string') {
        this.#trace.refused(rule.id, node, applied);
        continue;
      }
      this.#trace.applied(rule.id, place, context.assumptions, rule.exact !== true || context.isBounded);
      for (const added of applied.nodes) this.#pending.add(added);
      for (const value of applied.renewed) this.#renew(value, applied.improved.has(value));
      removeUnused(
        applied.released,
        (dead) => {
          this.#forget(dead);
          removed.push(dead);
        },
        (value) => this.#lessUsed(value),
      );
      for (const { by, old } of answer.replacements) inheritName(by, old, answer.nodes);
      const { assumptions } = context;
      const { opType } = node;
      this.#options.observe?.({ rule: rule.id, ...place, opType, assumptions, made: answer.nodes, removed });
      return node.graph !== undefined;
    }
    return false;
  }

  /**
   * Why the user or the target does not want the patch: one does not let a matched node be rewritten, the other does not take
   * a new one. What a matched node was before, its successor may be.
   */
  #unwanted(
    { nodes, anchor }: Patch,
    captures: ReadonlyMap<string, unknown>,
    context: RewriteContext,
  ): string | undefined {
    const { isSkipped, refuseNode } = this.#options;
    if (isSkipped === undefined && refuseNode === undefined) return undefined;
    const matched = [anchor, ...captures.values()].filter((captured) => captured instanceof Node);
    const skipped = isSkipped === undefined ? undefined : matched.find(isSkipped);
    if (skipped !== undefined) return `node ${skipped.label} is to be skipped`;
    if (refuseNode === undefined) return undefined;
    const present = new Set(matched.map(({ operator }) => operator));
    for (const node of nodes) {
      const isThere = present.has(node.operator) || context.isCopy(node);
      const reason = isThere ? undefined : refuseNode(node, context.opset);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #isRefused(node: Node): boolean {
    return this.#options.refuseNode?.(node, node.graph?.opsetVersion('') ?? 0) !== undefined;
  }

  #rulesFor(node: Node): readonly RewriteRule[] {
    const { operator } = node;
    let rules = this.#rulesByOperator.get(operator);
    if (rules === undefined) {
      rules = this.#rules.filter(({ pattern }) => pattern.operators?.includes(operator) ?? true);
      this.#rulesByOperator.set(operator, rules);
    }
    return rules;
  }

  /** Looks again at who reads the value, and lets better facts flow on from there. */
  #renew(value: Value, isImproved: boolean): void {
    for (const user of value.users) this.#look(user);
    if (!isImproved) return;
    const pending = new Set<Node>(value.users);
    for (const node of pending) {
      pending.delete(node);
      for (const changed of this.#facts.inferNode(node)) {
        for (const user of changed.users) {
          this.#look(user);
          pending.add(user);
        }
      }
    }
  }

  #lessUsed(value: Value): void {
    if (value.producer !== undefined) this.#look(value.producer);
    // Rules ask whether few read a value. Looking at all readers of one that loses many of them would be quadratic.
    if (value.userCount <= FEW_USERS) for (const user of value.users) this.#look(user);
  }

  /** A node in a subgraph is looked at together with the nodes that hold it. */
  #look(node: Node): void {
    let graph: Graph | undefined = node.graph;
    this.#pending.add(node);
    while (graph?.owner !== undefined) {
      this.#pending.add(graph.owner.node);
      graph = graph.owner.node.graph;
    }
  }

  #forget(node: Node): void {
    this.#shared.duplicates.forget(node);
    this.#trace.forget(node);
  }
}

/** Whether the captured nodes are what a pattern takes them for. */
function isReadable(captures: ReadonlyMap<string, unknown>, context: RewriteContext): boolean {
  for (const captured of captures.values()) if (captured instanceof Node && !context.isReadable(captured)) return false;
  return true;
}

/** When nothing bears the old name any more, the new value carries it on, so that users find their values again. */
function inheritName(by: Value, old: Value, made: readonly Node[]): void {
  if (old.graph !== undefined || by.graph === undefined || by.isGraphOutput || by.isInput) return;
  if (by.producer === undefined || !made.includes(by.producer)) return;
  if (!by.graph.names.has(old.name)) by.rename(old.name);
}

/**
 * Nodes so that makers come before readers, found from the graph outputs along the inputs: the order depends on the
 * structure of the graph and not on the order of the file. Nodes of subgraphs come before the node that holds them.
 */
export function canonicalOrder(model: Model): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  const visit = (outputs: readonly Value[]): void => {
    const stack: Node[] = [];
    const push = (value: Value | undefined): void => {
      if (value?.producer !== undefined && !state.has(value.producer)) stack.push(value.producer);
    };
    for (const output of [...outputs].reverse()) push(output);
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const reached = state.get(node);
      if (reached === undefined) {
        state.set(node, 'open');
        for (const subgraph of node.subgraphs) for (const output of [...subgraph.outputs].reverse()) push(output);
        for (const input of [...node.inputs].reverse()) push(input);
      } else {
        stack.pop();
        if (reached === 'open') {
          state.set(node, 'done');
          order.push(node);
        }
      }
    }
  };
  for (const graph of graphsOfModel(model)) visit(graph.outputs);
  // What no output needs comes last, in file order.
  for (const graph of graphsOfModel(model)) for (const node of graph.nodes) if (!state.has(node)) order.push(node);
  return order;
}
