import type { DataType } from '../ir/data-type.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import type { Dim } from './dim.ts';
import type { Fraction } from './fraction.ts';

/** What is known of one value. Everything is optional knowledge: undefined is "not known", never "wrong". */
export interface Fact {
  /** Element type of a tensor; undefined when not known, or when the value is no tensor. */
  readonly dataType: DataType | undefined;
  /** Symbolic shape; undefined is unknown rank. An unknown dimension is a symbol of its own, never a hole. */
  readonly shape: readonly Dim[] | undefined;
  /**
   * The elements of a small integer or bool tensor (bool as 0 and 1), row-major, as expressions.
   * Given only when the shape is static and there are at most MAXIMUM_KNOWN_ELEMENTS.
   */
  readonly elements: readonly Dim[] | undefined;
  /** The tensor the value always is: an initializer, or a Constant node's. Its payload need not be resident. */
  readonly constant: Tensor | undefined;
  /** The type of a value that is no dense tensor (sequence, optional, map, sparse); undefined for tensors. */
  readonly otherType: ValueType | undefined;
  /** The elements of a small float or double tensor, where sizes take a detour through it. */
  readonly fractions?: readonly Fraction[] | undefined;
  /** What is known of each element of a sequence whose length is known. */
  readonly items?: readonly Fact[] | undefined;
}

/** A longer sequence is known by what its elements have in common. */
export const MAXIMUM_KNOWN_ITEMS = 64;

export const UNKNOWN_FACT: Fact = {
  dataType: undefined,
  shape: undefined,
  elements: undefined,
  constant: undefined,
  otherType: undefined,
};

/**
 * Shape arithmetic works on vectors of a few elements (rank is at most 8 for TensorRT; anchors and ranges of feature maps
 * are longer). Beyond this the cost of symbolic elements outweighs what they can tell.
 */
export const MAXIMUM_KNOWN_ELEMENTS = 1024;

/** A rank beyond this is a mistake in the model; it would cost memory to follow it. ONNX's own inference stops here too. */
export const MAXIMUM_RANK = 1024;

/** Facts of the values of a model, kept beside the graph. */
export interface Facts {
  /** UNKNOWN_FACT when nothing is known. */
  get(value: Value): Fact;
}
