import type { Attribute, AttributeKind } from '../ir/attribute.ts';

/** One version of an operator, as the standard declares it (onnx 1.23.1, opsets to 28). */
export interface Schema {
  readonly domain: string;
  readonly name: string;
  readonly sinceVersion: number;
  readonly deprecated: boolean;
  readonly minInputs: number;
  readonly maxInputs: number;
  readonly minOutputs: number;
  readonly maxOutputs: number;
  readonly inputs: readonly Parameter[];
  readonly outputs: readonly Parameter[];
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** Types that each type parameter may take, e.g. T -> tensor(float), tensor(double). */
  readonly typeConstraints: ReadonlyMap<string, readonly string[]>;
  readonly hasFunction: boolean;
}

export interface Parameter {
  readonly name: string;
  /** A type parameter (a key of typeConstraints) or a type string such as tensor(int64). */
  readonly type: string;
  readonly option: 'single' | 'optional' | 'variadic';
  readonly homogeneous: boolean;
}

export interface AttributeSchema {
  readonly name: string;
  readonly kind: AttributeKind;
  readonly required: boolean;
  readonly default: Attribute | undefined;
}

/** The schema in force for an operator when its domain is imported at `version`: the newest one not above it. */
export declare function findSchema(domain: string, opType: string, version: number): Schema | undefined;
