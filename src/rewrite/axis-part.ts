import { INT64_MAX } from '../base/int64.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { normalizedAxes } from './queries.ts';
import { sliceBounds } from './slice-bounds.ts';

/** A value as a part of another along one axis: elements [start, end) in steps of 1; INT64_MAX stands for the end of the axis. */
export interface AxisPart {
  readonly whole: Value;
  readonly axis: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** What a Slice of one axis or a Split with known sizes takes of what; undefined for anything else. */
export function axisPart(value: Value, context: RewriteContext): AxisPart | undefined {
  const { producer } = value;
  const whole = producer?.inputs[0];
  const shape = whole === undefined ? undefined : context.shape(whole);
  if (producer === undefined || whole === undefined || shape === undefined || !context.isReadable(producer))
    return undefined;
  if (producer.operator === 'Slice') {
    const bounds = sliceBounds(producer, context);
    const [bound] = bounds ?? [];
    if (bounds?.length !== 1 || bound?.step !== 1n || bound.start >= bound.end) return undefined;
    return { whole, axis: bound.axis, start: bound.start, end: bound.end };
  }
  if (producer.operator !== 'Split') return undefined;
  const [axis] = normalizedAxes([context.attributes(producer).int('axis') ?? 0n], shape.length) ?? [];
  if (axis === undefined) return undefined;
  let start = 0n;
  for (const output of producer.outputs) {
    const size = output === undefined ? undefined : context.shape(output)?.[axis]?.constant;
    if (size === undefined) return undefined;
    if (output === value)
      return { whole, axis, start, end: output === producer.outputs.at(-1) ? INT64_MAX : start + size };
    start += size;
  }
  return undefined;
}

/** True when the part is all of its axis. */
export function isWhole({ whole, axis, start, end }: AxisPart, context: RewriteContext): boolean {
  return start === 0n && (end === INT64_MAX || context.shape(whole)?.[axis]?.constant === end);
}
