import type { MessageView } from './message-view.ts';

/**
 * How often fields occur in a message and all below it, by `NodeProto.doc_string`, or `NodeProto field 99` for one that the
 * schema does not have, and messages without any field, by `empty TypeProto`; only those that `isWanted` says, which is asked once for each.
 */
export function fieldCensus(model: MessageView, isWanted: (field: string) => boolean): ReadonlyMap<string, number> {
  const wanted = new Map<string, boolean>();
  const counts = new Map<string, number>();
  const count = (field: string): void => {
    let isCounted = wanted.get(field);
    if (isCounted === undefined) wanted.set(field, (isCounted = isWanted(field)));
    if (isCounted) counts.set(field, (counts.get(field) ?? 0) + 1);
  };
  const pending = [model];
  for (let message = pending.pop(); message !== undefined; message = pending.pop()) {
    const { name } = message.schema;
    for (const number of message.unknown) count(`${name} field ${number}`);
    let isEmpty = message.unknown.length === 0;
    for (const { schema, values } of message.fields()) {
      isEmpty = false;
      count(`${name}.${schema.name}`);
      if (schema.type.kind !== 'message') continue;
      for (const value of values) if (typeof value === 'object' && !(value instanceof Uint8Array)) pending.push(value);
    }
    if (isEmpty) count(`empty ${name}`);
  }
  return counts;
}

/** True for the name, in a census, of a field that the schema does not have. */
export function isUnknownField(field: string): boolean {
  return / field \d+$/.test(field);
}
