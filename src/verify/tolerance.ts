/** How far an output may be off where results are not equal to the bit. */
import type { DataType } from '../ir/data-type.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Facts } from '../infer/fact.ts';

export interface Tolerance {
  /** Results must be equal to the bit, but for the bits of a NaN; the numbers below do not count then. */
  readonly isExact: boolean;
  /** Allowed difference in parts of the output's scale, which is its largest finite magnitude; undefined: by its type. */
  readonly relative: number | undefined;
  /** Allowed difference in any case. */
  readonly absolute: number;
}

export const EXACT: Tolerance = { isExact: true, relative: 0, absolute: 0 };
/** The bound of rewrites that round otherwise. */
export const BOUNDED: Tolerance = { isExact: false, relative: undefined, absolute: 0 };

/**
 * Parts of an output's scale that it may be off after rewrites with a bound, by the coarsest type that is computed in: about a
 * thousand units in the last place of float, which is what a weight that is rounded once more can grow to through a hundred layers;
 * of the short types some twenty, since a network in them has no more digits to lose.
 */
const SCALE_PARTS: Partial<Record<DataType, number>> = {
  double: 1e-10,
  float: 1e-4,
  float16: 2e-2,
  bfloat16: 1e-1,
};
const NARROW_PARTS = 0.25;

function partsOf(dataType: DataType): number {
  return SCALE_PARTS[dataType] ?? NARROW_PARTS;
}

/** Types of floats that the model computes in. */
export function floatTypesOf(model: Model, facts: Facts): ReadonlySet<DataType> {
  const types = new Set<DataType>();
  for (const graph of graphsOfModel(model))
    for (const node of graph.nodes)
      for (const output of node.outputs) {
        const dataType = output && facts.get(output).dataType;
        if (dataType !== undefined && dataType in SCALE_PARTS) types.add(dataType);
      }
  return types;
}

/** The parts of its scale that an output of this type may be off. */
export function relativeBound({ relative }: Tolerance, dataType: DataType, computedIn: ReadonlySet<DataType>): number {
  return relative ?? Math.max(partsOf(dataType), ...[...computedIn].map(partsOf));
}
