import type { Graph } from './graph.ts';
import type { SparseTensor, Tensor } from './tensor.ts';
import type { ValueType } from './value-type.ts';

/** What each kind of attribute holds. Strings are bytes in the format; they need not be UTF-8. */
interface Contents {
  float: number;
  int: bigint;
  string: Uint8Array;
  tensor: Tensor;
  graph: Graph;
  sparse_tensor: SparseTensor;
  type_proto: ValueType;
  floats: readonly number[];
  ints: readonly bigint[];
  strings: readonly Uint8Array[];
  tensors: readonly Tensor[];
  graphs: readonly Graph[];
  sparse_tensors: readonly SparseTensor[];
  type_protos: readonly ValueType[];
}

export type AttributeKind = keyof Contents;

interface Common {
  readonly name: string;
  readonly docString?: string;
  /** Serde's record of the source bytes; opaque to everyone else. */
  readonly origin?: unknown;
}

/** AttributeProto with a value: immutable, but for the graphs it may hold. */
export type ValueAttribute = {
  [Kind in AttributeKind]: Common & { readonly kind: Kind; readonly value: Contents[Kind] };
}[AttributeKind];

/** An attribute of a node in a function body that takes its value from the call (ref_attr_name). */
export interface ReferenceAttribute extends Common {
  readonly kind: 'reference';
  /** Name of the function's attribute. */
  readonly refersTo: string;
  /** The kind the referred attribute must have; undefined when the file leaves it out. */
  readonly type: AttributeKind | undefined;
}

export type Attribute = ValueAttribute | ReferenceAttribute;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const attribute = {
  int: (name: string, value: bigint | number): Attribute => ({ kind: 'int', name, value: BigInt(value) }),
  ints: (name: string, value: readonly (bigint | number)[]): Attribute => ({
    kind: 'ints',
    name,
    value: value.map(BigInt),
  }),
  float: (name: string, value: number): Attribute => ({ kind: 'float', name, value }),
  floats: (name: string, value: readonly number[]): Attribute => ({ kind: 'floats', name, value }),
  string: (name: string, value: string): Attribute => ({ kind: 'string', name, value: encoder.encode(value) }),
  strings: (name: string, value: readonly string[]): Attribute => ({
    kind: 'strings',
    name,
    value: value.map((text) => encoder.encode(text)),
  }),
  tensor: (name: string, value: Tensor): Attribute => ({ kind: 'tensor', name, value }),
  graph: (name: string, value: Graph): Attribute => ({ kind: 'graph', name, value }),
};

/** Text of an attribute's or tensor's string; bytes that are not UTF-8 show as U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

const none: readonly never[] = [];

/** The graphs an attribute holds: one, several or none. */
export function graphsOf(value: Attribute): readonly Graph[] {
  if (value.kind === 'graph') return [value.value];
  return value.kind === 'graphs' ? value.value : none;
}
