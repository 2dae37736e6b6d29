/** How large the dims of an input may be, as far as the user says. */
import type { Range } from '../infer/dim-bounds.ts';
import type { Value } from '../ir/value.ts';

/** A range of sizes, and the one that the engine is to be tuned for, where the user names it. */
export interface ProfileRange extends Range {
  readonly usual?: bigint;
}

/**
 * Both bounds included; `most` and `usual` are undefined where nobody bounded the dim. `usual` is what the user names (`--optShapes`), or the
 * middle of the range, rounded down.
 */
export interface Extent {
  readonly least: number;
  readonly usual: number | undefined;
  readonly most: number | undefined;
}

/** An extent for each declared dim of an input; `ranges` are by dim_param, or by `INPUT[AXIS]` where a dim has no name. */
export function extentsOf(value: Value, ranges: ReadonlyMap<string, ProfileRange>): readonly Extent[] {
  const shape = value.type?.kind === 'tensor' ? (value.type.shape ?? []) : [];
  return shape.map((dimension, axis) => {
    if (typeof dimension === 'number' || typeof dimension === 'bigint')
      return { least: Number(dimension), usual: Number(dimension), most: Number(dimension) };
    const range = ranges.get(dimension ?? `${value.name}[${axis}]`);
    const least = range?.low === undefined ? 1 : Number(range.low);
    if (range?.high === undefined) return { least, usual: undefined, most: undefined };
    const most = Number(range.high);
    return { least, usual: range.usual === undefined ? Math.floor((least + most) / 2) : Number(range.usual), most };
  });
}
