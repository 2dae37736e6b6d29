/**
 * The compact form in which generated/schemas.ts holds the operators: cheap to load, decoded on first look-up.
 * Written by src/tools/generate-opset.ts, read by schema.ts.
 */

/** Stands for a variadic maximum. */
export const UNLIMITED = -1;

export type EncodedVersion = readonly [
  sinceVersion: number,
  /** 1 deprecated, 2 has a function body; added up. */
  flags: number,
  arity: readonly [minInputs: number, maxInputs: number, minOutputs: number, maxOutputs: number],
  /** `name:type`, then `?` for optional, `*` for variadic of one type, `+` for variadic of any types. */
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly EncodedAttribute[],
  /** Type parameter to index in encodedTypeLists. */
  typeConstraints: Readonly<Record<string, number>>,
];

/** `name:kind`, then `!` when required; with its default when it has one. */
export type EncodedAttribute = string | readonly [declared: string, defaultValue: EncodedDefault];

export type EncodedDefault = number | string | readonly (number | string)[];
