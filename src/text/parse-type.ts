import { suggest } from '../base/suggest.ts';
import { type DataType, dataTypes, isDataType } from '../ir/data-type.ts';
import type { Dimension, Shape, TensorType, ValueType } from '../ir/value-type.ts';
import type { Identifier, Reader } from './reader.ts';

/** Types nest: this deep is beyond any model and far from the end of the stack. */
const MAX_TYPE_DEPTH = 64;

const typeWords: ReadonlySet<string> = new Set(['seq', 'map', 'optional', 'sparse_tensor', 'opaque', 'undefined']);

/** Whether an identifier begins a type; such names must be quoted where a type could stand. */
export function isTypeWord(name: string): boolean {
  return isDataType(name) || typeWords.has(name);
}

/** A type, if one comes next. */
export function acceptType(reader: Reader): ValueType | undefined {
  return isTypeWord(reader.peekIdentifier()) ? parseType(reader) : undefined;
}

/**
 * A type. `float` is a scalar, `float[]` a tensor of unknown rank, `float[2,N,?]` one of rank 3.
 * Beyond onnx's parser, as its printer writes them: `undefined` for a tensor without element type, and nothing between
 * the parentheses of seq, optional and map where the inner type is not given.
 */
export function parseType(reader: Reader, depth = 0): ValueType {
  if (depth > MAX_TYPE_DEPTH) reader.fail(`types are nested more than ${MAX_TYPE_DEPTH} deep`);
  const { name: word, offset } = reader.identifier('a type');
  if (isDataType(word) || word === 'undefined')
    return { kind: 'tensor', dataType: word === 'undefined' ? undefined : word, shape: parseShape(reader) };
  if (!typeWords.has(word)) failUnknownType(reader, { name: word, offset });
  reader.expect('(');
  const type = parseInnerType(reader, word, depth);
  reader.expect(')');
  return type;
}

export function failUnknownType(reader: Reader, { name, offset }: Identifier): never {
  return reader.fail(`'${name}' is not a type`, offset, hintFor(name));
}

function parseInnerType(reader: Reader, word: string, depth: number): ValueType {
  switch (word) {
    case 'seq':
    case 'optional':
      return {
        kind: word === 'seq' ? 'sequence' : 'optional',
        element: reader.peek() === ')' ? undefined : parseType(reader, depth + 1),
      };
    case 'map': {
      const keyType = parseDataType(reader);
      reader.expect(',');
      return { kind: 'map', keyType, valueType: reader.peek() === ')' ? undefined : parseType(reader, depth + 1) };
    }
    case 'sparse_tensor':
      return { kind: 'sparse_tensor', dataType: parseDataType(reader), shape: parseShape(reader) };
    default: {
      if (reader.peek() === ')') return { kind: 'opaque', domain: '', name: '' };
      let name = reader.identifier('a name').name;
      while (reader.accept('.')) name += `.${reader.identifier('a name').name}`;
      if (!reader.accept(',')) return { kind: 'opaque', domain: '', name };
      return { kind: 'opaque', domain: name, name: reader.identifier('a name').name };
    }
  }
}

function parseDataType(reader: Reader): DataType | undefined {
  const { name, offset } = reader.identifier('an element type');
  if (name === 'undefined') return undefined;
  if (isDataType(name)) return name;
  return reader.fail(`'${name}' is not an element type`, offset, hintFor(name));
}

function hintFor(word: string): string | undefined {
  const nearest = suggest(word, [...dataTypes, ...typeWords]);
  return nearest === undefined ? undefined : `did you mean '${nearest}'?`;
}

function parseShape(reader: Reader): Shape | undefined {
  if (!reader.accept('[')) return [];
  if (reader.accept(']')) return undefined;
  const shape: Dimension[] = [];
  reader.listUntil(']', () => shape.push(parseDimension(reader)));
  return shape;
}

function parseDimension(reader: Reader): Dimension {
  if (reader.accept('?')) return undefined;
  if (reader.peek() === '"' || reader.peekIdentifier() !== '') return reader.identifier('a dimension').name;
  return reader.number('a dimension');
}

/** The dims of a tensor constant: its type must be a tensor with numbers for dimensions. */
export function constantDims(reader: Reader, type: ValueType | undefined, offset: number): readonly number[] {
  const isTensor = (candidate: ValueType | undefined): candidate is TensorType =>
    candidate?.kind === 'tensor' || candidate?.kind === 'sparse_tensor';
  if (!isTensor(type)) return reader.fail('a tensor type must stand before the elements of a tensor', offset);
  if (type.dataType === undefined) return reader.fail('a tensor with elements needs an element type', offset);
  if (type.shape === undefined)
    return reader.fail('[] is unknown rank; a tensor with elements needs its dimensions, a scalar no brackets', offset);
  return type.shape.map((dimension) => {
    if (typeof dimension === 'number' && dimension >= 0) return dimension;
    return reader.fail(`a tensor with elements cannot have the dimension ${dimension ?? '?'}`, offset);
  });
}
