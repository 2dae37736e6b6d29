import { InternalError, invariant } from '../base/errors.ts';
import { attribute, type Attribute, type AttributeKind } from '../ir/attribute.ts';
import { normalDomain } from '../ir/model.ts';
import { type EncodedAttribute, type EncodedDefault, type EncodedVersion, UNLIMITED } from './encoding.ts';
import { encodedSchemas, encodedTypeLists, releasedOpsets } from './generated/schemas.ts';

/** One version of an operator, as the standard declares it (onnx 1.23.1, opsets to 28). */
export interface Schema {
  readonly domain: string;
  readonly name: string;
  readonly sinceVersion: number;
  readonly deprecated: boolean;
  readonly minInputs: number;
  /** Infinity when the last input is variadic; so for outputs. */
  readonly maxInputs: number;
  readonly minOutputs: number;
  readonly maxOutputs: number;
  readonly inputs: readonly Parameter[];
  readonly outputs: readonly Parameter[];
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** Types that each type parameter may take, e.g. T -> tensor(float), tensor(double). */
  readonly typeConstraints: ReadonlyMap<string, readonly string[]>;
  /** The standard defines it by a function body, perhaps one that depends on the call. */
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

/** The types that a parameter takes, such as tensor(int64): those of its type parameter, or the one that it names. */
export function typesOf(schema: Schema, { type }: Parameter): readonly string[] {
  return schema.typeConstraints.get(type) ?? [type];
}

/** The schema in force for an operator when its domain is imported at `version`: the newest one not above it. */
export function findSchema(domain: string, opType: string, version: number): Schema | undefined {
  const versions = schemaVersions(domain, opType);
  for (let index = versions.length - 1; index >= 0; index--) {
    const schema = versions[index];
    if (schema !== undefined && schema.sinceVersion <= version) return schema;
  }
  return undefined;
}

/** All versions of an operator, oldest first; empty when the standard does not have it. */
export function schemaVersions(domain: string, opType: string): readonly Schema[] {
  const key = normalDomain(domain);
  // Asked for every node that is looked at, again and again.
  const known = decoded.get(key)?.get(opType);
  if (known !== undefined) return known;
  if (!Object.hasOwn(encodedSchemas, key)) return [];
  const operators = encodedSchemas[key];
  if (operators === undefined || !Object.hasOwn(operators, opType)) return [];
  const encoded = JSON.parse(operators[opType] ?? '[]') as readonly EncodedVersion[];
  const versions = encoded.map((version) => decodeVersion(key, opType, version));
  decoded.set(key, (decoded.get(key) ?? new Map<string, readonly Schema[]>()).set(opType, versions));
  return versions;
}

/** Operators that any opset of the domain has or had, in alphabetical order; empty for a domain that is not the standard's. */
export function operatorNames(domain: string): readonly string[] {
  const key = normalDomain(domain);
  return Object.hasOwn(encodedSchemas, key) ? Object.keys(encodedSchemas[key] ?? {}) : [];
}

/** The newest opset of a domain that these schemas know; undefined for a domain that is not the standard's. */
export function latestVersion(domain: string): number | undefined {
  const key = normalDomain(domain);
  if (Object.hasOwn(releasedOpsets, key)) return releasedOpsets[key];
  const versions = operatorNames(key).flatMap((name) => schemaVersions(key, name).map((schema) => schema.sinceVersion));
  return versions.length === 0 ? undefined : Math.max(...versions);
}

// Look-ups of one operator share its decoded schemas; both maps hold nothing but what the generated module says.
const decoded = new Map<string, Map<string, readonly Schema[]>>();
const decodedTypeLists = new Map<number, readonly string[]>();

function decodeVersion(domain: string, name: string, encoded: EncodedVersion): Schema {
  const [
    sinceVersion,
    flags,
    [minInputs, maxInputs, minOutputs, maxOutputs],
    inputs,
    outputs,
    attributes,
    constraints,
  ] = encoded;
  return {
    domain,
    name,
    sinceVersion,
    deprecated: (flags & 1) !== 0,
    minInputs,
    maxInputs: maxInputs === UNLIMITED ? Infinity : maxInputs,
    minOutputs,
    maxOutputs: maxOutputs === UNLIMITED ? Infinity : maxOutputs,
    inputs: inputs.map(decodeParameter),
    outputs: outputs.map(decodeParameter),
    attributes: new Map(attributes.map(decodeAttribute).map((attribute) => [attribute.name, attribute])),
    typeConstraints: new Map(Object.entries(constraints).map(([parameter, index]) => [parameter, typeListAt(index)])),
    hasFunction: (flags & 2) !== 0,
  };
}

function typeListAt(index: number): readonly string[] {
  let types = decodedTypeLists.get(index);
  if (types === undefined) {
    const text = encodedTypeLists[index];
    invariant(text !== undefined, `the generated schemas have no type list ${index}`);
    types = text.split('|');
    decodedTypeLists.set(index, types);
  }
  return types;
}

function decodeParameter(encoded: string): Parameter {
  const colon = encoded.indexOf(':');
  const mark = encoded.at(-1);
  const option = mark === '?' ? 'optional' : mark === '*' || mark === '+' ? 'variadic' : 'single';
  return {
    name: encoded.slice(0, colon),
    type: encoded.slice(colon + 1, option === 'single' ? undefined : -1),
    option,
    homogeneous: mark !== '+',
  };
}

function decodeAttribute(encoded: EncodedAttribute): AttributeSchema {
  const [declared, value] = typeof encoded === 'string' ? [encoded, undefined] : encoded;
  const colon = declared.indexOf(':');
  const required = declared.endsWith('!');
  const name = declared.slice(0, colon);
  const kind = declared.slice(colon + 1, required ? -1 : undefined) as AttributeKind;
  return { name, kind, required, default: value === undefined ? undefined : decodeDefault(name, kind, value) };
}

function decodeDefault(name: string, kind: AttributeKind, value: EncodedDefault): Attribute {
  switch (kind) {
    case 'int':
      return attribute.int(name, value as number);
    case 'float':
      return attribute.float(name, value as number);
    case 'string':
      return attribute.string(name, value as string);
    case 'ints':
      return attribute.ints(name, value as readonly number[]);
    case 'strings':
      return attribute.strings(name, value as readonly string[]);
    default:
      throw new InternalError(`the generated schemas hold a default of kind ${kind}`);
  }
}
