/** What the schema and the element type say of a node's outputs, whatever the operator. */
import { type DataType, dataTypeInfo, isDataType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import type { Schema } from '../opset/schema.ts';
import type { Dim } from './dim.ts';
import type { Scope } from './scope.ts';

/** The element type that the schema gives an output: its own, or that of an input with the same type parameter. */
export function schemaType(schema: Schema | undefined, node: Node, index: number, scope: Scope): DataType | undefined {
  const output = schema?.outputs[index] ?? schema?.outputs.at(-1);
  if (schema === undefined || output === undefined) return undefined;
  const types = schema.typeConstraints.get(output.type);
  if (types === undefined) return tensorTypeIn(output.type);
  if (types.length === 1) return tensorTypeIn(types[0] ?? '');
  if (output.option === 'variadic' && !output.homogeneous) return undefined;
  for (const [at, value] of node.inputs.entries()) {
    const parameter = schema.inputs[at] ?? schema.inputs.at(-1);
    if (value === undefined || parameter?.type !== output.type) continue;
    if (parameter.option === 'variadic' && !parameter.homogeneous) continue;
    const { dataType } = scope.get(value);
    if (dataType !== undefined) return dataType;
  }
  return undefined;
}

function tensorTypeIn(type: string): DataType | undefined {
  const name = /^tensor\((\w+)\)$/.exec(type)?.[1];
  return name !== undefined && isDataType(name) ? name : undefined;
}

/** Number of elements of a static shape. */
export function countOf(shape: readonly Dim[] | undefined): number | undefined {
  if (shape === undefined) return undefined;
  let count = 1n;
  for (const { constant } of shape) {
    if (constant === undefined) return undefined;
    count *= constant;
  }
  return Number(count);
}

/**
 * Whether the elements may stand for a tensor of the type. Arithmetic that overflows is not followed, so a number must be in
 * the type's range. Expressions of int64 and int32 are taken to be: a model whose shape arithmetic overflows is broken
 * already, and a dimension is below 2^31 wherever models run. Of narrower and unsigned types a proof is asked for.
 */
export function fits(elements: readonly Dim[], dataType: DataType): boolean {
  const { kind, bits } = dataTypeInfo(dataType);
  if (kind !== 'int' && kind !== 'uint' && kind !== 'bool') return false;
  const high = kind === 'bool' ? 1n : (1n << BigInt(kind === 'int' ? bits - 1 : bits)) - 1n;
  const low = kind === 'int' ? -high - 1n : 0n;
  const isWide = bits >= 32;
  return elements.every((element) => {
    if (element.constant !== undefined) return element.constant >= low && element.constant <= high;
    if (kind === 'bool' || (kind === 'int' && isWide)) return true;
    const bounds = element.bounds();
    return (bounds.low ?? -1n) >= low && (isWide || (bounds.high !== undefined && bounds.high <= high));
  });
}
