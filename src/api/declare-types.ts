/** value_info from what inference knows (`--infer-shapes`, and the inputs of a part that is cut out). */
import { DimParams } from '../infer/declared.ts';
import type { Fact, Facts } from '../infer/fact.ts';
import type { Model } from '../ir/model.ts';
import { withSubgraphs } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';
import type { Dimension, ValueType } from '../ir/value-type.ts';

/**
 * Declares the type and shape of every value that the main graph and its subgraphs make. Dims that inference cannot tell in terms
 * of the inputs' dim_params stay as they were declared. Answers how many declarations changed.
 */
export function declareTypes(model: Model, facts: Facts): number {
  const { names } = new DimParams(model.graph.inputs);
  let changed = 0;
  for (const graph of withSubgraphs(model.graph)) {
    for (const node of graph.nodes) {
      for (const value of node.outputs) {
        if (value === undefined) continue;
        const type = declarationOf(value, facts.get(value), names);
        if (type === undefined || isSameType(type, value.type)) continue;
        value.type = type;
        changed++;
      }
    }
  }
  return changed;
}

/** What can be declared of a value; undefined when nothing is known of it. `names` are the dim_params of the inputs. */
export function declarationOf(value: Value, fact: Fact, names: ReadonlySet<string>): ValueType | undefined {
  const { type } = value;
  if (fact.otherType !== undefined) return type ?? fact.otherType;
  if (fact.dataType === undefined || (type !== undefined && type.kind !== 'tensor')) return type;
  const declared = type?.shape?.length === fact.shape?.length ? type?.shape : undefined;
  const shape = fact.shape?.map((dim, axis): Dimension => {
    if (dim.constant !== undefined) return Number(dim.constant);
    return [...dim.symbols()].every((name) => names.has(name)) ? dim.toString() : declared?.[axis];
  });
  const own = { kind: 'tensor', dataType: fact.dataType, shape } as const;
  return type?.shape === undefined || declared !== undefined ? { ...type, ...own } : own;
}

function isSameType(a: ValueType, b: ValueType | undefined): boolean {
  if (a.kind !== 'tensor' || b?.kind !== 'tensor') return a === b;
  if (a.dataType !== b.dataType || a.shape?.length !== b.shape?.length) return false;
  return a.shape?.every((dimension, axis) => dimension === b.shape?.[axis]) ?? true;
}
