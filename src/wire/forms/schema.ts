import { enumValues, messageFields } from '../generated/schema.ts';

export type ScalarType = 'float' | 'double' | 'int32' | 'int64' | 'uint64' | 'string' | 'bytes';

export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly name: string; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: 'message'; readonly message: MessageSchema };

export interface FieldSchema {
  /** As onnx.proto has it: `op_type`. */
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly isRepeated: boolean;
  /** Repeated numbers that are written in one run. */
  readonly isPacked: boolean;
  /** The oneof it belongs to: of its fields one at most is set. */
  readonly oneof: string | undefined;
}

/** A message of onnx.proto. */
export interface MessageSchema {
  readonly name: string;
  /** By number, in ascending order. */
  readonly fields: readonly FieldSchema[];
  readonly byName: ReadonlyMap<string, FieldSchema>;
  /** A sparse array. */
  readonly byNumber: readonly (FieldSchema | undefined)[];
}

interface Draft {
  readonly name: string;
  readonly fields: FieldSchema[];
  readonly byName: Map<string, FieldSchema>;
  readonly byNumber: (FieldSchema | undefined)[];
}

const scalars: ReadonlySet<string> = new Set<ScalarType>([
  'float',
  'double',
  'int32',
  'int64',
  'uint64',
  'string',
  'bytes',
]);

function readSchema(): MessageSchema {
  const drafts = new Map<string, Draft>();
  for (const name of Object.keys(messageFields)) {
    drafts.set(name, { name, fields: [], byName: new Map(), byNumber: [] });
  }
  const enums = new Map<string, ReadonlyMap<string, number>>();
  for (const [name, text] of Object.entries(enumValues)) {
    const pairs = text.split(' ').map((entry) => entry.split(':'));
    enums.set(name, new Map(pairs.map(([value = '', number]) => [value, Number(number)])));
  }
  const typeOf = (name: string): FieldType => {
    if (scalars.has(name)) return { kind: 'scalar', scalar: name as ScalarType };
    const values = enums.get(name);
    if (values !== undefined) return { kind: 'enum', name, values };
    return { kind: 'message', message: drafts.get(name) as Draft };
  };
  for (const draft of drafts.values()) {
    for (const entry of (messageFields[draft.name] ?? '').split(' ')) {
      const [declaration = '', oneof] = entry.split('=');
      const [name = '', number, type = ''] = declaration.split(':');
      const field: FieldSchema = {
        name,
        number: Number(number),
        type: typeOf(type.replace(/[*#]$/, '')),
        isRepeated: /[*#]$/.test(type),
        isPacked: type.endsWith('#'),
        oneof,
      };
      draft.fields.push(field);
      draft.byName.set(name, field);
      draft.byNumber[field.number] = field;
    }
  }
  return drafts.get('ModelProto') as Draft;
}

export const modelSchema: MessageSchema = readSchema();
