/** True for 0, 1, 2 ... up to `rank`. */
export function isIota(axes: readonly number[], rank: number | undefined): boolean {
  return (rank === undefined || axes.length === rank) && axes.every((axis, index) => axis === index);
}

/** Elements that are left for the last of `parts` outputs of a Split whose others take the quotient rounded up; may be negative. */
export function smallestChunk(extent: number, parts: number): number {
  return extent - Math.ceil(extent / parts) * (parts - 1);
}
