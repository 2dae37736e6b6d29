/**
 * What the model declares of its values.
 *
 * Types of the main graph's inputs are contracts: whoever runs the model must keep them. All others (value_info, outputs,
 * inputs of subgraphs) are hints that exporters and tools leave stale: element type and rank are taken where inference
 * knows neither, dimensions never: a stale number would be folded into the graph.
 */
import type { Dimension, TensorType, ValueType } from '../ir/value-type.ts';
import type { Value } from '../ir/value.ts';
import { Dim } from './dim.ts';
import { parseExpression } from './dim-parse.ts';
import { type Fact, MAXIMUM_RANK, UNKNOWN_FACT } from './fact.ts';

/** dim_params that say "unknown" rather than name a dimension. */
const ANONYMOUS = /^(\?|None|-?\d+)?$/;

/** The names that dims of the main graph's inputs have. */
export class DimParams {
  readonly #names = new Set<string>();
  /** Hints repeat the same few names on every value. */
  readonly #hints = new Map<string, Dim | undefined>();

  constructor(inputs: readonly Value[]) {
    for (const { type } of inputs)
      for (const dimension of shapeOf(type) ?? [])
        if (typeof dimension === 'string' && !ANONYMOUS.test(dimension)) this.#names.add(dimension);
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** The dim a contract's dim_param names; undefined when it names none. */
  dimOf(dimParam: string): Dim | undefined {
    if (ANONYMOUS.test(dimParam)) return undefined;
    return this.#expression(dimParam, (name) => name !== dimParam && this.#names.has(name)) ?? Dim.symbol(dimParam);
  }

  /** A dimension of the elements of a sequence, where a name is kept that names a dim. */
  elementDimension(dimension: Dimension): Dimension {
    if (typeof dimension === 'string') return this.dimOf(dimension)?.symbolName;
    return dimension === undefined || dimension >= 0 ? dimension : undefined;
  }

  /** The dim a hint's dim_param says, if it is an expression over the names of contracts. */
  hintOf(dimParam: string): Dim | undefined {
    if (!this.#hints.has(dimParam)) this.#hints.set(dimParam, this.#readHint(dimParam));
    return this.#hints.get(dimParam);
  }

  #readHint(dimParam: string): Dim | undefined {
    if (ANONYMOUS.test(dimParam)) return undefined;
    return this.#names.has(dimParam)
      ? this.dimOf(dimParam)
      : this.#expression(dimParam, (name) => this.#names.has(name));
  }

  /** An expression over names that are no expressions themselves, `past + present` over `past` and `present`. */
  #expression(text: string, isKnown: (name: string) => boolean): Dim | undefined {
    return parseExpression(text, (name) => isKnown(name) && /^[A-Za-z_][\w.]*$/.test(name));
  }
}

/** The fact a contract gives. Symbols for dims without a name come from `unknownDim`. */
export function contractOf(type: ValueType | undefined, params: DimParams, unknownDim: (axis: number) => Dim): Fact {
  if (type === undefined) return UNKNOWN_FACT;
  if (type.kind !== 'tensor')
    return { ...UNKNOWN_FACT, otherType: withDimensions(type, (dimension) => params.elementDimension(dimension)) };
  const shape = followedShape(type)?.map((dimension, axis) => {
    if (typeof dimension === 'string') return params.dimOf(dimension) ?? unknownDim(axis);
    return dimension !== undefined && dimension >= 0 ? Dim.of(dimension) : unknownDim(axis);
  });
  return { ...UNKNOWN_FACT, dataType: type.dataType, shape };
}

/** The fact a hint gives: element type and rank. */
export function hintOf(type: ValueType | undefined, unknownDim: (axis: number) => Dim): Fact {
  if (type === undefined) return UNKNOWN_FACT;
  if (type.kind !== 'tensor') return { ...UNKNOWN_FACT, otherType: withDimensions(type, () => undefined) };
  return { ...UNKNOWN_FACT, dataType: type.dataType, shape: followedShape(type)?.map((_, axis) => unknownDim(axis)) };
}

function followedShape({ shape }: TensorType): TensorType['shape'] {
  return shape !== undefined && shape.length <= MAXIMUM_RANK ? shape : undefined;
}

/** The type with other dimensions in the tensors that it holds. */
export function withDimensions(type: ValueType, change: (dimension: Dimension) => Dimension): ValueType {
  switch (type.kind) {
    case 'tensor':
    case 'sparse_tensor':
      return type.shape === undefined ? type : { ...type, shape: type.shape.map(change) };
    case 'sequence':
    case 'optional':
      return { ...type, element: type.element && withDimensions(type.element, change) };
    default:
      return type;
  }
}

/** Why a declaration cannot be true of a value with this fact; undefined when nothing shows it. */
export function declarationConflict(type: ValueType, fact: Fact, params: DimParams): string | undefined {
  if (type.kind !== 'tensor') {
    if (type.kind === 'sparse_tensor' || (fact.dataType === undefined && fact.shape === undefined)) return undefined;
    return `declared as ${type.kind}, but it is a tensor`;
  }
  if (type.dataType !== undefined && fact.dataType !== undefined && type.dataType !== fact.dataType)
    return `declared with element type ${type.dataType}, but it is ${fact.dataType}`;
  if (type.shape === undefined || fact.shape === undefined) return undefined;
  if (type.shape.length !== fact.shape.length)
    return `declared with rank ${type.shape.length}, but its shape is [${fact.shape.join(', ')}]`;
  for (const [axis, dimension] of type.shape.entries()) {
    const declared = declaredDim(dimension, params);
    const dim = fact.shape[axis];
    if (declared !== undefined && dim?.differs(declared) === true)
      return `declared with dimension ${axis} = ${String(dimension)}, but it is ${dim.toString()}`;
  }
  return undefined;
}

function declaredDim(dimension: Dimension, params: DimParams): Dim | undefined {
  if (typeof dimension === 'string') return params.hintOf(dimension);
  return dimension !== undefined && dimension >= 0 ? Dim.of(dimension) : undefined;
}

function shapeOf(type: ValueType | undefined): TensorType['shape'] {
  return type?.kind === 'tensor' ? type.shape : undefined;
}
