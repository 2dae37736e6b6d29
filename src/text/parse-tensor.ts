import { ModelError } from '../base/errors.ts';
import { byteLengthOf } from '../ir/data-type.ts';
import { elementCountOf, type Payload, type SparseTensor, Tensor, type TensorOptions } from '../ir/tensor.ts';
import type { ValueType } from '../ir/value-type.ts';
import { ElementWriter, isWrittenAsFloat, literalsPerElement } from './elements.ts';
import { constantDims, parseType } from './parse-type.ts';
import type { Reader } from './reader.ts';

/** What a tensor constant may be: dense, or (beyond onnx's parser) sparse. */
export interface TensorSyntax {
  readonly tensor: Tensor | undefined;
  readonly sparse: SparseTensor | undefined;
}

/** A text has no place that its external data could be read from. */
class UnreadPayload implements Payload {
  readonly byteLength: number;
  readonly bytes = undefined;
  readonly #location: string;

  constructor(byteLength: number, location: string) {
    this.byteLength = byteLength;
    this.#location = location;
  }

  async read(): Promise<Uint8Array> {
    throw new ModelError(`the external data '${this.#location}' of a model in text form cannot be read`);
  }
}

/**
 * What follows a tensor type and its name: elements `{1, 2}` or external data `["location": "weights.bin"]`.
 * A sparse tensor, for which onnx has no form, is written `sparse_tensor(float[9]) {float[2] {1, 2}, int64[2] {0, 8}}`:
 * values, then indices.
 */
export function parseTensorData(
  reader: Reader,
  type: ValueType | undefined,
  typeOffset: number,
  name: string,
): TensorSyntax {
  const dims = constantDims(reader, type, typeOffset);
  if (type?.kind === 'sparse_tensor') return { tensor: undefined, sparse: parseSparse(reader, dims, name) };
  if (type?.kind !== 'tensor' || type.dataType === undefined) return reader.fail('expected a tensor type', typeOffset);
  const { dataType } = type;
  const elementCount = elementCountOf(dims);
  const options: TensorOptions = { name };
  if (reader.peek() === '[') {
    const entries = parseStringPairs(reader);
    const location = entries.find(([key]) => key === 'location')?.[1];
    if (location === undefined) return reader.fail("external data needs a 'location'", typeOffset);
    const payload = new UnreadPayload(byteLengthOf(dataType, elementCount), location);
    return {
      tensor: new Tensor(dataType, dims, payload, { ...options, external: { location, entries } }),
      sparse: undefined,
    };
  }
  if (reader.peek() === '.') return failElided(reader);
  reader.expect('{', '[');
  const data = dataType === 'string' ? parseStrings(reader) : parseNumbers(reader, dataType, elementCount);
  const expected = elementCount * literalsPerElement(dataType);
  const found = Array.isArray(data) ? data.length : data.literals;
  if (found !== expected)
    return reader.fail(
      `${dataType}${dims.length === 0 ? '' : `[${dims.join(',')}]`} takes ${expected} ${expected === 1 ? 'literal' : 'literals'}, but ${found} are given`,
      typeOffset,
    );
  return { tensor: new Tensor(dataType, dims, Array.isArray(data) ? data : data.bytes, options), sparse: undefined };
}

function failElided(reader: Reader): never {
  return reader.fail('the elements were left out when this text was printed, so it cannot be read back');
}

function parseStrings(reader: Reader): Uint8Array[] {
  const strings: Uint8Array[] = [];
  reader.listUntil('}', () => strings.push(reader.bytes('a string')));
  return strings;
}

function parseNumbers(
  reader: Reader,
  dataType: Exclude<Tensor['dataType'], 'string'>,
  elementCount: number,
): { readonly bytes: Uint8Array; readonly literals: number } {
  const limit = elementCount * literalsPerElement(dataType);
  // What the dims promise is only allocated when the text is long enough to hold it.
  const writer = limit <= reader.text.length ? new ElementWriter(dataType, elementCount) : undefined;
  let literals = 0;
  reader.listUntil('}', () => {
    if (reader.peek() === '.') failElided(reader);
    const literal = reader.acceptLiteral();
    if (literal === undefined)
      return reader.fail(`expected an element of ${dataType} but found ${reader.describeNext()}`);
    if (literal.kind === 'string' || (literal.kind === 'float' && !isWrittenAsFloat(dataType)))
      return reader.fail(
        `${dataType} elements are written as ${isWrittenAsFloat(dataType) ? 'numbers' : 'whole numbers'}`,
        literal.offset,
        dataType === 'float16' || dataType === 'bfloat16'
          ? 'write the bit pattern: 15360 is 1.0 in float16'
          : undefined,
      );
    if (++literals > limit) return;
    const problem = writer?.write(literal.text);
    if (problem !== undefined) reader.fail(problem, literal.offset);
  });
  return { bytes: writer?.bytes ?? new Uint8Array(0), literals };
}

function parseSparse(reader: Reader, dims: readonly number[], name: string): SparseTensor {
  reader.expect('{');
  const values = parseTensorConstant(reader).tensor?.renamed(name);
  reader.expect(',');
  const indices = parseTensorConstant(reader).tensor;
  reader.expect('}');
  if (values === undefined || indices === undefined) return reader.fail('a sparse tensor is made of dense tensors');
  return { values, indices, dims };
}

/** A whole tensor constant: type, perhaps a name, perhaps `=`, and the elements. */
export function parseTensorConstant(reader: Reader): TensorSyntax {
  reader.skipSpace();
  const { offset } = reader;
  return parseNamedTensor(reader, parseType(reader), offset);
}

/** The rest of a tensor constant, after its type. */
export function parseNamedTensor(reader: Reader, type: ValueType, typeOffset: number): TensorSyntax {
  const name = reader.peek() === '"' || reader.peekIdentifier() !== '' ? reader.identifier('a name').name : '';
  reader.accept('=');
  return parseTensorData(reader, type, typeOffset, name);
}

/** `["key": "value", ...]`, perhaps empty. */
export function parseStringPairs(reader: Reader): (readonly [key: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  reader.expect('[');
  reader.listUntil(']', () => {
    const key = reader.string('a key');
    reader.expect(':');
    pairs.push([key, reader.string('a value')]);
  });
  return pairs;
}
