import type { Node } from '../ir/node.ts';
import type { Patch, Replacement } from '../ir/patch.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import type { LayoutChange } from './layout-change.ts';
import { planTwin, type TwinPlan } from './layout-twin.ts';

/** Nodes looked at around one Transpose or view; a layer of a transformer has fewer in a row. */
const MAXIMUM_REGION = 64;

/** A value with more readers is left where it is: its readers would be looked at again and again. */
const MAXIMUM_READERS = 16;

/** Costs more than anything can gain. */
const IMPOSSIBLE = 1000;

/**
 * A set of nodes that could as well compute the twins of what they compute. It is chosen so that most changes of layout go away
 * at its border; `gain` counts those that go, less those that must be written.
 */
export class LayoutRegion {
  readonly #change: LayoutChange;
  readonly #context: RewriteContext;
  readonly #plans = new Map<Node, TwinPlan>();
  /** The values whose twins a node reads or makes. */
  readonly #values = new Map<Node, readonly Value[]>();
  readonly #declined = new Set<Node>();

  constructor(change: LayoutChange, context: RewriteContext) {
    this.#change = change;
    this.#context = context;
  }

  /** Nodes around the seeds, then without those that cost more than they gain. */
  grow(seeds: Iterable<Node | undefined>): void {
    const pending = new Set<Node>();
    for (const seed of seeds) if (seed !== undefined) pending.add(seed);
    for (const node of pending) {
      if (this.#plans.size >= MAXIMUM_REGION) break;
      const plan = this.#planOf(node);
      if (plan === undefined) continue;
      this.#plans.set(node, plan);
      for (const index of plan.twins) {
        const producer = node.inputs[index]?.producer;
        if (producer !== undefined) pending.add(producer);
        for (const user of this.#readers(node.inputs[index])) pending.add(user);
      }
      for (const output of node.outputs) for (const user of this.#readers(output)) pending.add(user);
    }
    for (let isSmaller = true; isSmaller;) {
      isSmaller = false;
      for (const [node, plan] of [...this.#plans].reverse()) {
        const values = this.#valuesOf(node, plan);
        const before = this.#costOfAll(values);
        this.#plans.delete(node);
        if (this.#costOfAll(values) <= before) isSmaller = true;
        else this.#plans.set(node, plan);
      }
    }
  }

  get gain(): number {
    const values = new Set<Value>();
    for (const [node, plan] of this.#plans) for (const value of this.#valuesOf(node, plan)) values.add(value);
    return -this.#costOfAll(values);
  }

  #planOf(node: Node): TwinPlan | undefined {
    if (this.#declined.has(node) || node.graph !== this.#context.graph) return undefined;
    // What nobody reads has no twin that somebody would read: it would be written again and again.
    const isDead = node.outputs.every((output) => output?.isUsed !== true);
    const plan = isDead ? undefined : planTwin(node, this.#change, this.#context);
    if (plan === undefined) this.#declined.add(node);
    return plan;
  }

  #readers(value: Value | undefined): Iterable<Node> {
    return value === undefined || value.userCount > MAXIMUM_READERS ? [] : value.users;
  }

  #valuesOf(node: Node, plan: TwinPlan): readonly Value[] {
    let values = this.#values.get(node);
    if (values === undefined) {
      const inputs = plan.twins.map((index) => node.inputs[index]);
      values = [...new Set([...inputs, ...node.outputs])].filter((value) => value !== undefined);
      this.#values.set(node, values);
    }
    return values;
  }

  #costOfAll(values: Iterable<Value>): number {
    let cost = 0;
    for (const value of values) cost += this.#costOf(value);
    return cost;
  }

  /** Changes of layout that must be written for a value, less those that go away. */
  #costOf(value: Value): number {
    const { producer } = value;
    if (value.userCount > MAXIMUM_READERS) return IMPOSSIBLE;
    const isInside = producer !== undefined && this.#plans.has(producer);
    let [inside, made, others] = [0, 0, value.isGraphOutput ? 1 : 0];
    for (const user of value.users) {
      if (this.#plans.get(user)?.twins.some((index) => user.inputs[index] === value) === true) inside++;
      else if (this.#isMaker(user, value)) made++;
      else others++;
    }
    if (isInside) return (others > 0 ? 1 : 0) - made;
    if (inside === 0) return 0;
    if (this.#context.tensor(value) !== undefined) return 0;
    if (producer !== undefined && this.#isUndone(producer, value)) return others === 0 ? -1 : 0;
    return made > 0 ? 0 : 1;
  }

  #isMaker(user: Node, value: Value): boolean {
    return user.inputs[0] === value && user.graph === this.#context.graph && this.#change.isMadeBy(user);
  }

  #isUndone(producer: Node, value: Value): boolean {
    return producer.outputs[0] === value && this.#change.isUndoneBy(producer);
  }

  /** The patch that computes the twins; undefined when a shape in it cannot be written. */
  patch(): Patch | undefined {
    const twins = new Map<Value, Value>();
    const replacements: Replacement[] = [];
    const order = [...this.#plans].sort(([a], [b]) => a.position - b.position);
    for (const [node, plan] of order) {
      this.#context.placeBefore(node);
      const inputs = [...node.inputs];
      for (const index of plan.twins) {
        const input = node.inputs[index];
        const twin =
          input === undefined ? undefined : (twins.get(input) ?? this.#twinFromOutside(input, node, replacements));
        if (input === undefined || twin === undefined) return undefined;
        twins.set(input, twin);
        inputs[index] = twin;
      }
      for (const index of plan.constants) {
        const input = node.inputs[index];
        const twin = input === undefined ? undefined : (twins.get(input) ?? this.#change.constant(input));
        if (input === undefined || twin === undefined) return undefined;
        inputs[index] = twin;
      }
      for (const [index, vector] of plan.vectors ?? [])
        inputs[index] = this.#context.vector(vector, `${node.output.name}_axes`);
      const made = this.#context.like(node, inputs, plan.attributes ?? {}).producer;
      for (const [index, output] of node.outputs.entries()) {
        const twin = made?.outputs[index];
        if (output === undefined || twin === undefined) continue;
        twins.set(output, twin);
        if (!this.#replaceUses(output, twin, replacements)) return undefined;
      }
    }
    return this.#context.replaceAll(replacements);
  }

  #twinFromOutside(value: Value, reader: Node, replacements: Replacement[]): Value | undefined {
    const { producer } = value;
    if (producer !== undefined && this.#isUndone(producer, value)) return producer.inputs[0];
    const makers = [...value.users].filter((user) => this.#isMaker(user, value));
    const earlier = makers.find(({ position }) => position < reader.position);
    if (earlier !== undefined) return earlier.output;
    const twin = this.#change.make(value);
    if (twin !== undefined) for (const { output } of makers) replacements.push({ old: output, by: twin });
    return twin;
  }

  /** Everybody outside of the region keeps what it read, or reads the twin where it wants it. */
  #replaceUses(output: Value, twin: Value, replacements: Replacement[]): boolean {
    let isKept = output.isGraphOutput;
    for (const user of output.users) {
      if (this.#plans.get(user)?.twins.some((index) => user.inputs[index] === output) === true) continue;
      if (this.#isMaker(user, output)) replacements.push({ old: user.output, by: twin });
      else isKept = true;
    }
    if (!isKept) return true;
    const shape = this.#context.shape(output);
    const back = shape === undefined ? undefined : this.#change.undo(twin, shape);
    if (back === undefined) return false;
    replacements.push({ old: output, by: back });
    return true;
  }
}

/** The patch of the best region around a Transpose or view: above it or below it; undefined when none gains. */
export function changeAround(
  node: Node,
  change: LayoutChange,
  back: LayoutChange,
  context: RewriteContext,
): Patch | undefined {
  if (!context.graph.allowsInitializers) return undefined;
  const above = new LayoutRegion(change, context);
  above.grow([node.inputs[0]?.producer]);
  if (above.gain > 0) return above.patch();
  const below = new LayoutRegion(back, context);
  if (node.output.userCount > MAXIMUM_READERS) return undefined;
  below.grow(node.output.users);
  return below.gain > 0 ? below.patch() : undefined;
}
