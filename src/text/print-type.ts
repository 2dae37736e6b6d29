import type { Shape, ValueType } from '../ir/value-type.ts';
import { isTypeWord } from './parse-type.ts';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A string literal. */
export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A name, quoted unless it is an identifier. */
export function printName(name: string): string {
  return IDENTIFIER.test(name) ? name : quote(name);
}

/** The name of a value where a type could stand instead. */
export function printValueName(name: string): string {
  return isTypeWord(name) ? quote(name) : printName(name);
}

/** `float[2,N,?]`, `seq(float[])`, ... as parseType reads it. Denotations have no form in the syntax. */
export function printType(type: ValueType | undefined): string {
  switch (type?.kind) {
    case undefined:
      return '';
    case 'tensor':
      return `${type.dataType ?? 'undefined'}${printShape(type.shape)}`;
    case 'sparse_tensor':
      return `sparse_tensor(${type.dataType ?? 'undefined'}${printShape(type.shape)})`;
    case 'sequence':
      return `seq(${printType(type.element)})`;
    case 'optional':
      return `optional(${printType(type.element)})`;
    case 'map':
      return `map(${type.keyType ?? 'undefined'}, ${printType(type.valueType)})`;
    case 'opaque': {
      const names = type.domain === '' ? [type.name] : [type.domain, type.name];
      return `opaque(${names.map(printDottedName).join(', ')})`;
    }
  }
}

function printShape(shape: Shape | undefined): string {
  if (shape === undefined) return '[]';
  if (shape.length === 0) return '';
  const dims = shape.map((dim) => (dim === undefined ? '?' : typeof dim === 'string' ? printName(dim) : String(dim)));
  return `[${dims.join(',')}]`;
}

/** `com.example.Name`; quoted as a whole when a part is not an identifier. '' stays ''. */
export function printDottedName(name: string): string {
  return name === '' || name.split('.').every((part) => IDENTIFIER.test(part)) ? name : quote(name);
}
