import { arrayOf, tensorOf } from '../fold/array.ts';
import { add, arithmetic, multiply, subtract } from '../fold/kernels/binary.ts';
import { KernelRefusal } from '../fold/refusal.ts';
import { isFloatType, isIntegerType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { doublesOf, floatTensor } from './float-tensors.ts';

/** What additions of and multiplications by constants make of a value: data * factor + shift. */
interface Affine {
  readonly data: Value;
  /** undefined for 1. */
  readonly factor: Tensor | undefined;
  /** undefined for 0. */
  readonly shift: Tensor | undefined;
}

export interface AffineChain extends Affine {
  /** The nodes it stands for. */
  readonly length: number;
}

/** Factors beyond this, or below its inverse, let what is in between overflow, or lose its last bits, where the result does not. */
const LARGEST_FACTOR = 2 ** 24;

/** Of shifts that cancel nothing but the rounding of what is in between would be left: this much of the larger one must remain. */
const LEAST_REMAINDER = 2 ** -4;

/**
 * The longest chain of such nodes that ends at `root`, in which nobody else reads what is in between. In floats it may differ from
 * the nodes by rounding; integers wrap, so that it does not. undefined when `root` is no such node, or of a type that is not joined.
 */
export function affineChain(root: Node, context: RewriteContext): AffineChain | undefined {
  const type = context.dataType(root.output);
  if (type === undefined || !(isIntegerType(type) || type === 'float' || type === 'double')) return undefined;
  let chain: AffineChain | undefined;
  for (let node: Node | undefined = root; node !== undefined;) {
    const step = affineOf(node, context);
    if (step === undefined) break;
    const longer: Affine | undefined = chain === undefined ? step : composed(step, chain);
    if (longer === undefined) break;
    chain = { ...longer, length: (chain?.length ?? 0) + 1 };
    const { data } = chain;
    node = data.onlyUser === node ? data.producer : undefined;
  }
  return chain;
}

/** What one node does, when one of its operands is a constant at hand. */
function affineOf(node: Node, context: RewriteContext): Affine | undefined {
  const { operator } = node;
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined || !context.isReadable(node)) return undefined;
  const isFirst = context.tensor(b) === undefined;
  const constant = context.tensor(isFirst ? a : b);
  const data = isFirst ? b : a;
  if (constant?.isResident !== true || context.tensor(data) !== undefined) return undefined;
  const isFloat = isFloatType(constant.dataType);
  if (isFloat && doublesOf(constant)?.every(Number.isFinite) !== true) return undefined;
  switch (operator) {
    case 'Add':
      return { data, factor: undefined, shift: constant };
    case 'Sub': {
      // What is subtracted from a constant would need a factor of -1 on its own.
      const shift = isFirst ? undefined : negated(constant);
      return shift && { data, factor: undefined, shift };
    }
    case 'Mul':
      return isModest(constant) ? { data, factor: constant, shift: undefined } : undefined;
    case 'Div': {
      if (isFirst || !isFloat) return undefined;
      const factor = inverse(constant);
      return isModest(factor) ? { data, factor, shift: undefined } : undefined;
    }
    default:
      return undefined;
  }
}

/** `inner` and then `outer`; undefined when the two are not to be joined. */
function composed(inner: Affine, outer: Affine): Affine | undefined {
  const { data } = inner;
  let { factor, shift } = inner;
  if (outer.factor !== undefined) {
    if (factor === undefined) ({ factor } = outer);
    else {
      factor = combined(factor, outer.factor, multiply);
      if (factor === undefined || !isModest(factor)) return undefined;
    }
    if (shift !== undefined) {
      shift = combined(shift, outer.factor, multiply);
      if (shift === undefined) return undefined;
    }
  }
  if (outer.shift !== undefined) {
    if (shift === undefined) ({ shift } = outer);
    else {
      const sum = combined(shift, outer.shift, add);
      if (sum === undefined || cancels(shift, outer.shift, sum)) return undefined;
      shift = sum;
    }
  }
  return { data, factor, shift };
}

/** An operator on two constants; undefined when the result is larger than both, or not finite. */
function combined(a: Tensor, b: Tensor, operation: typeof add): Tensor | undefined {
  if (a.dataType !== b.dataType) return undefined;
  try {
    const result = tensorOf(arithmetic(arrayOf(a), arrayOf(b), operation));
    if (result.elementCount > Math.max(a.elementCount, b.elementCount)) return undefined;
    return isFloatType(a.dataType) && doublesOf(result)?.every(Number.isFinite) !== true ? undefined : result;
  } catch (error) {
    if (error instanceof KernelRefusal) return undefined;
    throw error;
  }
}

function negated(tensor: Tensor): Tensor | undefined {
  const zeros = combined(tensor, tensor, subtract);
  return zeros && combined(zeros, tensor, subtract);
}

function inverse(tensor: Tensor): Tensor {
  const numbers = doublesOf(tensor) ?? new Float64Array(0);
  return floatTensor(
    tensor.dataType,
    tensor.dims,
    numbers.map((number) => 1 / number),
  );
}

function isModest(factor: Tensor): boolean {
  if (!isFloatType(factor.dataType)) return true;
  const isModestNumber = (number: number): boolean =>
    Math.abs(number) <= LARGEST_FACTOR && Math.abs(number) >= 1 / LARGEST_FACTOR;
  return doublesOf(factor)?.every(isModestNumber) === true;
}

/** Whether the sum of two shifts is much less than they are, somewhere. */
function cancels(a: Tensor, b: Tensor, sum: Tensor): boolean {
  if (!isFloatType(sum.dataType)) return false;
  const sums = doublesOf(sum);
  const sizes = doublesOf(combined(sized(a), sized(b), add));
  return sums?.every((number, index) => Math.abs(number) >= LEAST_REMAINDER * (sizes?.[index] ?? Infinity)) !== true;
}

function sized(tensor: Tensor): Tensor {
  return floatTensor(tensor.dataType, tensor.dims, (doublesOf(tensor) ?? new Float64Array(0)).map(Math.abs));
}
