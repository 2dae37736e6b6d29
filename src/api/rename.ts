/** Other names for inputs and outputs of a model. */
import { ModelError, UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import type { Graph } from '../ir/graph.ts';
import { type Model, withSubgraphs } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';

/**
 * Renames inputs and outputs in place, by their old names, wherever they are spoken of: readers in subgraphs, value_info, annotations,
 * sharding specs. An inner value that bears a new name already gives way. Answers what was renamed. UsageError for a name that is no
 * input or output, and for a new name that is empty or that two values would bear.
 */
export function renameValues(model: Model, renames: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(renames).filter(([old, name]) => old !== name);
  if (entries.length === 0) return [];
  const { graph } = model;
  if (model.trainingInfo.length > 0)
    throw new ModelError('the model has training information, which speaks of values by name', { graph: [graph.name] });
  const doors = new Map([...graph.inputs, ...graph.outputs].map((value) => [value.name, value]));
  const chosen = new Map<Value, string>();
  for (const [old, name] of entries) {
    const value = doors.get(old);
    if (value === undefined) {
      const near = suggest(old, doors.keys());
      const hint = near === undefined ? `they are ${[...doors.keys()].join(', ')}` : `did you mean '${near}'?`;
      throw new UsageError(`--rename names '${old}', which is no input or output`, hint);
    }
    if (name === '') throw new UsageError(`--rename gives '${old}' an empty name`, 'write OLD=NEW');
    chosen.set(value, name);
  }
  const taken = new Set<string>();
  for (const value of doors.values()) {
    const name = chosen.get(value) ?? value.name;
    if (taken.has(name)) throw new UsageError(`--rename would call two inputs or outputs '${name}'`);
    taken.add(name);
  }
  // Names may be exchanged, so all are given up before any is taken.
  for (const value of chosen.keys()) value.rename(graph.names.unique(`${value.name}_renamed`));
  giveWay(graph, new Set(chosen.values()));
  for (const [value, name] of chosen) value.rename(name);
  return entries.map(([old, name]) => `renamed ${old} to ${name}`);
}

/** Gives inner values that bear one of the names another one. */
function giveWay(root: Graph, names: ReadonlySet<string>): void {
  if (![...names].some((name) => root.names.has(name))) return;
  for (const graph of withSubgraphs(root)) {
    const values = new Set([...graph.inputs, ...graph.initializers]);
    for (const node of graph.nodes) for (const value of node.outputs) if (value !== undefined) values.add(value);
    for (const value of values) if (names.has(value.name)) value.rename(root.names.unique(`${value.name}_inner`));
  }
}
