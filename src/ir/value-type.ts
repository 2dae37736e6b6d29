import type { DataType } from './data-type.ts';

/**
 * One declared dimension: dim_value (a bigint where a double cannot count it), dim_param, or undefined when neither is set.
 * These are declarations of the model; what is known of a dimension is `Dim` of infer/.
 */
export type Dimension = number | bigint | string | undefined;

/** Shape as declared; undefined means unknown rank, [] a scalar. */
export type Shape = readonly Dimension[];

export interface TensorType {
  readonly kind: 'tensor' | 'sparse_tensor';
  /** undefined is elem_type UNDEFINED or absent. */
  readonly dataType: DataType | undefined;
  readonly shape: Shape | undefined;
  /** Denotation of each dimension, where any is given. */
  readonly dimensionDenotations?: readonly (string | undefined)[];
  readonly denotation?: string;
}

export interface SequenceType {
  readonly kind: 'sequence' | 'optional';
  readonly element: ValueType | undefined;
  readonly denotation?: string;
}

export interface MapType {
  readonly kind: 'map';
  readonly keyType: DataType | undefined;
  readonly valueType: ValueType | undefined;
  readonly denotation?: string;
}

export interface OpaqueType {
  readonly kind: 'opaque';
  readonly domain: string;
  readonly name: string;
  readonly denotation?: string;
}

/** TypeProto. */
export type ValueType = TensorType | SequenceType | MapType | OpaqueType;

export function tensorType(dataType: DataType | undefined, shape?: Shape): TensorType {
  return { kind: 'tensor', dataType, shape };
}
