/** What a text says, before names are linked to values: the parser's result and the builder's input. */
import type { Attribute } from '../ir/attribute.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import type { ValueType } from '../ir/value-type.ts';
import type { Identifier } from './reader.ts';

export interface ModelSyntax {
  /** Entries that the text leaves out are absent. */
  readonly header: HeaderSyntax;
  readonly graph: GraphSyntax;
  readonly functions: readonly FunctionSyntax[];
}

export interface HeaderSyntax {
  readonly irVersion?: number;
  readonly opsetImports?: ReadonlyMap<string, number>;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: bigint;
  readonly docString?: string;
  readonly metadataProps?: ReadonlyMap<string, string>;
  /** Of functions only. */
  readonly overload?: string;
}

export interface GraphSyntax {
  readonly name: string;
  readonly inputs: readonly ValueSyntax[];
  readonly outputs: readonly ValueSyntax[];
  /** Initializers, the defaults of inputs included. */
  readonly initializers: readonly InitializerSyntax[];
  readonly valueInfo: readonly ValueSyntax[];
  readonly nodes: readonly NodeSyntax[];
}

export interface FunctionSyntax {
  readonly header: HeaderSyntax;
  readonly attributeNames: readonly string[];
  readonly attributeDefaults: readonly AttributeSyntax[];
  readonly body: GraphSyntax;
}

export interface ValueSyntax extends Identifier {
  readonly type: ValueType | undefined;
}

export interface InitializerSyntax extends Identifier {
  readonly tensor: Tensor | undefined;
  readonly sparse: SparseTensor | undefined;
}

export interface NodeSyntax {
  readonly offset: number;
  readonly name: string;
  readonly domain: string;
  readonly opType: string;
  readonly overload: string;
  /** Empty names stand for what is omitted. */
  readonly inputs: readonly Identifier[];
  readonly outputs: readonly Identifier[];
  readonly attributes: readonly AttributeSyntax[];
}

/** An attribute that is ready, or one that waits for its graphs to be built. */
export type AttributeSyntax =
  | Exclude<Attribute, { kind: 'graph' | 'graphs' }>
  | { readonly kind: 'graph'; readonly name: string; readonly value: GraphSyntax }
  | { readonly kind: 'graphs'; readonly name: string; readonly value: readonly GraphSyntax[] };
