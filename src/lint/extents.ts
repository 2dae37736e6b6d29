/** How large the dims of an input may be, as far as the user says. */
import type { Range } from '../infer/dim-bounds.ts';
import type { Value } from '../ir/value.ts';

/** Both included; `most` is undefined where nobody bounded the dim. */
export interface Extent {
  readonly least: number;
  readonly most: number | undefined;
}

/** An extent for each declared dim of an input; `ranges` are by dim_param, or by `INPUT[AXIS]` where a dim has no name. */
export function extentsOf(value: Value, ranges: ReadonlyMap<string, Range>): readonly Extent[] {
  const shape = value.type?.kind === 'tensor' ? (value.type.shape ?? []) : [];
  return shape.map((dimension, axis) => {
    if (typeof dimension === 'number' || typeof dimension === 'bigint')
      return { least: Number(dimension), most: Number(dimension) };
    const range = ranges.get(dimension ?? `${value.name}[${axis}]`);
    return {
      least: range?.low === undefined ? 1 : Number(range.low),
      most: range?.high === undefined ? undefined : Number(range.high),
    };
  });
}
