import protobuf from 'protobufjs';

/** The kinds of scalar field that onnx.proto has; the codecs of wire/ know no others. */
const scalars: ReadonlySet<string> = new Set(['float', 'double', 'int32', 'int64', 'uint64', 'string', 'bytes']);

const nameOf = (object: protobuf.ReflectionObject): string => object.fullName.replace(/^\.?onnx\./, '');

/** `dims:1:int64*`: name, number, type; `*` is repeated, `#` repeated and packed, `=name` a member of that oneof. */
function entryOf(field: protobuf.Field): string {
  field.resolve();
  const type = field.resolvedType === null ? field.type : nameOf(field.resolvedType);
  if (field.resolvedType === null && !scalars.has(type)) throw new Error(`${field.fullName} has the new type ${type}`);
  if (field.map) throw new Error(`${field.fullName} is a map, which the codecs do not know`);
  // protobufjs writes names in camelCase; the schema's own are the ones with underscores.
  const name = field.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const cardinality = field.repeated ? (field.packed ? '#' : '*') : '';
  return `${name}:${field.id}:${type}${cardinality}${field.partOf === null ? '' : `=${field.partOf.name}`}`;
}

/** The module that tells the text and JSON codecs what is in each message: one line a message, one an enum. */
export function messageSchema(messages: readonly protobuf.Type[], head: string): string {
  const enums = new Map<string, protobuf.Enum>();
  const lines = messages.map((message) => {
    const fields = [...message.fieldsArray].sort((a, b) => a.id - b.id);
    for (const { resolvedType } of fields)
      if (resolvedType instanceof protobuf.Enum) enums.set(nameOf(resolvedType), resolvedType);
    return `  '${nameOf(message)}':\n    '${fields.map(entryOf).join(' ')}',`;
  });
  const values = [...enums].map(([name, { values: byName }]) => {
    const entries = Object.entries(byName).map(([value, number]) => `${value}:${number}`);
    return `  '${name}':\n    '${entries.join(' ')}',`;
  });
  return [
    head,
    '/** Of each message its fields, by number. `dims:1:int64*`: name, number, type; `*` repeated, `#` packed, `=` oneof. */',
    'export const messageFields: Readonly<Record<string, string>> = {',
    ...lines,
    '};',
    '',
    'export const enumValues: Readonly<Record<string, string>> = {',
    ...values,
    '};',
    '',
  ].join('\n');
}
