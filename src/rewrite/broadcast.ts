import type { Dim } from '../infer/dim.ts';

/** Operators whose result has the dims to which all operands are broadcast. */
export const BROADCASTING: readonly string[] = (
  'Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Expand Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow Sub ' +
  'Sum Where Xor'
).split(' ');

/** True when broadcasting `shapes` makes `wanted`: each dim that is not 1 in any of them is there, and no other. */
export function broadcastsTo(shapes: readonly (readonly Dim[])[], wanted: readonly Dim[]): boolean {
  return wanted.every((dim, axis) => {
    const own = shapes.map((shape) => shape[axis - wanted.length + shape.length]).filter((each) => each !== undefined);
    return own.some((each) => each.equals(dim)) && own.every((each) => each.equals(dim) || each.constant === 1n);
  });
}
