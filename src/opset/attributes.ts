import { type Attribute, textOf } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import { InternalError } from '../base/errors.ts';
import { findSchema, type Schema } from './schema.ts';

/**
 * Attributes of a node with the schema's defaults filled in: the one place where defaults are known.
 * A getter answers undefined when the attribute is absent and has no default.
 * Attributes that refer to a function's attribute have no value here: check `node.hasReferences` before you read.
 */
export class AttributeReader {
  readonly #attributes: ReadonlyMap<string, Attribute>;
  readonly #schema: Schema | undefined;

  constructor(attributes: ReadonlyMap<string, Attribute>, schema: Schema | undefined) {
    this.#attributes = attributes;
    this.#schema = schema;
  }

  /** True when the node itself carries the attribute. */
  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  int(name: string): bigint | undefined {
    return this.#read(name, 'int') as bigint | undefined;
  }

  /** An int attribute that must fit a double exactly (an axis, a flag, a count). */
  number(name: string): number | undefined {
    const value = this.int(name);
    return value === undefined ? undefined : Number(value);
  }

  ints(name: string): readonly bigint[] | undefined {
    return this.#read(name, 'ints') as readonly bigint[] | undefined;
  }

  numbers(name: string): number[] | undefined {
    return this.ints(name)?.map(Number);
  }

  float(name: string): number | undefined {
    return this.#read(name, 'float') as number | undefined;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#read(name, 'floats') as readonly number[] | undefined;
  }

  string(name: string): string | undefined {
    const bytes = this.#read(name, 'string') as Uint8Array | undefined;
    return bytes === undefined ? undefined : textOf(bytes);
  }

  strings(name: string): string[] | undefined {
    return (this.#read(name, 'strings') as readonly Uint8Array[] | undefined)?.map((bytes) => textOf(bytes));
  }

  /** A string attribute as it is in the file; it need not be UTF-8. */
  bytes(name: string): Uint8Array | undefined {
    return this.#read(name, 'string') as Uint8Array | undefined;
  }

  bytesList(name: string): readonly Uint8Array[] | undefined {
    return this.#read(name, 'strings') as readonly Uint8Array[] | undefined;
  }

  tensor(name: string): Tensor | undefined {
    return this.#read(name, 'tensor') as Tensor | undefined;
  }

  sparseTensor(name: string): SparseTensor | undefined {
    return this.#read(name, 'sparse_tensor') as SparseTensor | undefined;
  }

  graph(name: string): Graph | undefined {
    return this.#read(name, 'graph') as Graph | undefined;
  }

  #read(name: string, kind: Attribute['kind']): unknown {
    const own = this.#attributes.get(name) ?? this.#schema?.attributes.get(name)?.default;
    if (own === undefined) return undefined;
    if (own.kind === 'reference')
      throw new InternalError(`attribute '${name}' refers to '${own.refersTo}': it has no value here`);
    return own.kind === kind ? own.value : undefined;
  }
}

/** The attributes of a node, read by the schema that its graph's opset import selects. */
export function attributesOf(node: Node): AttributeReader {
  return new AttributeReader(node.attributes, schemaOf(node));
}

/** The schema a node is to be read by; undefined for unknown domains and operators. */
export function schemaOf(node: Node): Schema | undefined {
  const version = node.graph?.opsetVersion(node.domain);
  return version === undefined ? undefined : findSchema(node.domain, node.opType, version);
}
