import { LENGTH_DELIMITED, WireError } from './fields.ts';
import type { Skeleton } from './skeleton.ts';
import type { Spans } from './split.ts';

/** A field as it lies in the source, by skeleton positions. */
export interface FieldSpan {
  readonly number: number;
  readonly wireType: number;
  /** First byte of the tag. */
  readonly start: number;
  /** First byte after the tag and, of a length-delimited field, the length. */
  readonly contentStart: number;
  readonly end: number;
}

/** The fields of a message in file order. Elements of tensors that were left out one by one are no part of it. */
export function fieldsOf(skeleton: Skeleton, spans: Spans): FieldSpan[] {
  const { cursor } = skeleton;
  const fields: FieldSpan[] = [];
  for (let index = 0; index < spans.length; index += 2) {
    const spanEnd = spans[index + 1] ?? 0;
    for (let at = spans[index] ?? 0; at < spanEnd;) {
      cursor.read(at, spanEnd);
      const { number, wireType, start, valueStart, length } = cursor;
      const end = wireType === LENGTH_DELIMITED ? skeleton.endOf(valueStart, length) : cursor.skip(spanEnd);
      if (end > spanEnd) throw new WireError(`field ${number} reaches beyond the end of its message`, start);
      fields.push({ number, wireType, start, contentStart: valueStart, end });
      at = end;
    }
  }
  return fields;
}
