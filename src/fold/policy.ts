/**
 * What may be folded, and how large a result may get: the one place that decides. A decision looks at the node and its
 * constants only, so that it is the same in every run, and simplifying twice changes nothing.
 */
import type { Facts } from '../infer/fact.ts';
import { byteLengthOf } from '../ir/data-type.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { ResidentPayload, Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { isDeterministic } from '../opset/determinism.ts';
import { growthOfCone } from './constant-cone.ts';
import type { DeferredResult } from './deferrable.ts';
import { type DeferredFold, deferredFold } from './deferred.ts';
import { evaluateNode, type EvaluationRefusal, findRecipe } from './evaluate-node.ts';
import type { Exactness } from './kernel.ts';

/**
 * How many bytes one fold may add to the file, over what it takes away. Attention masks and position tables of real exports
 * are below it (the shifted-window masks of Swin are 0.6 MiB); what is above is better computed than stored.
 */
export const MAXIMUM_GROWTH_BYTES = 1 << 20;

/**
 * The same for operators that only repeat or count: their results say nothing that the operator does not, and exporters
 * that strip weights fill them in this way (the light models of the ONNX backend suite would grow from 9 KB to 575 MB).
 * 64 KiB is a float mask of 128 x 128, and what the loader keeps in memory.
 */
export const MAXIMUM_FILL_BYTES = 1 << 16;
const fillOperators: ReadonlySet<string> = new Set(['ConstantOfShape', 'Expand', 'Tile', 'Range', 'EyeLike', 'OneHot']);

/** Larger results are computed while the model is saved, where the operator allows it. */
export const DEFERRED_BYTES = 1 << 20;

/**
 * Quantization nodes on constants are the model's own statement of precision: TensorRT reads the pair, not the product,
 * and a dequantized weight is up to eight times as large.
 */
const quantizationOperators: ReadonlySet<string> = new Set(['DequantizeLinear', 'QuantizeLinear']);

/**
 * How many nodes a Loop with a known number of rounds may be written out to. Loops over the layers or axes of a model are below it;
 * above it the Loop says more than its rounds, and engines run it no slower.
 */
export const MAXIMUM_UNROLLED_NODES = 64;

/**
 * Operators whose result is as large as their data says, and never larger than a small multiple of their inputs. Of all others the
 * size must be known before they are computed: it may be a number in the file that nothing stands behind (the sizes of a
 * Resize, the depth of a OneHot), and where inference gives up, the node is wrong more often than not.
 */
const sizedByData: ReadonlySet<string> = new Set([
  'NonZero',
  'Compress',
  'Unique',
  'NonMaxSuppression',
  'StringNormalizer',
]);

/** A string takes a tag and a length in the file. */
const STRING_BYTES = 2;
/** Characters of a number that is cast to a string: those of the least int64. */
const LONGEST_NUMBER = 20;

export interface FoldOptions {
  /** Fold with kernels that are exact to the bit only. */
  readonly exactOnly?: boolean;
  /** Fold QuantizeLinear and DequantizeLinear of constants, too. */
  readonly foldQuantization?: boolean;
}

export interface Fold {
  /** In the order of the node's outputs; undefined where nobody wants one. */
  readonly outputs: readonly (Tensor | undefined)[];
  readonly exactness: Exactness;
}

/**
 * The outputs of a node whose inputs are all constants; the reason why it is not folded;
 * or undefined when it is no candidate: it has no inputs, one is not constant, or it runs subgraphs.
 */
export function foldNode(
  node: Node,
  facts: Facts,
  model: Model,
  options: FoldOptions = {},
): Fold | EvaluationRefusal | undefined {
  const inputs = constantInputs(node, facts);
  if (inputs === undefined) return undefined;
  const refusal = mayNotFold(node, inputs, facts, model, options);
  if (refusal !== undefined) return { refusal };
  const none = empty(node, inputs, facts);
  if (none !== undefined) return 'refusal' in none ? none : { outputs: none, exactness: 'exact' };
  const later = deferred(node, inputs, facts);
  if (later === undefined) return computed(node, inputs, facts, options);
  return options.exactOnly === true && later.exactness !== 'exact' ? notExact(node) : later;
}

function constantInputs(node: Node, facts: Facts): readonly (Tensor | undefined)[] | undefined {
  if (node.subgraphs.length > 0) return undefined;
  let count = 0;
  const inputs: (Tensor | undefined)[] = [];
  for (const value of node.inputs) {
    const constant = value === undefined ? undefined : facts.get(value).constant;
    if (value !== undefined && constant === undefined) return undefined;
    if (constant !== undefined) count++;
    inputs.push(constant);
  }
  return count === 0 ? undefined : inputs;
}

/** Why a node of constant inputs stays, as far as that can be told before it is computed. */
function mayNotFold(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  facts: Facts,
  model: Model,
  options: FoldOptions,
): string | undefined {
  if (model.findFunction(node.domain, node.opType, node.overload) !== undefined)
    return `${node.operator} is a function of the model`;
  if (!isDeterministic(node, model)) return `${node.operator} is not known to be deterministic`;
  if (node.domain === '' && quantizationOperators.has(node.opType) && options.foldQuantization !== true)
    return 'quantization of constants is left as the model states it';
  // numpy and ONNX Runtime write floats differently, and the standard does not say which is right.
  if (node.domain === '' && node.opType.startsWith('Cast') && isTextOfFloats(node, inputs, facts))
    return 'the text of a float differs between implementations';
  // Patterns are made for engines of linear time; here a hostile one would take for ever.
  if (node.operator === 'RegexFullMatch') return 'patterns are matched at run time only';
  let bytes = 0;
  for (const output of node.outputs) {
    const size = output === undefined ? 0 : byteLengthOfResult(output, inputs, facts);
    if (size === undefined)
      return sizedByData.has(node.operator) ? undefined : 'the size of its result is not known beforehand';
    bytes += size;
  }
  return growthRefusal(node, bytes, facts, options);
}

function isTextOfFloats(node: Node, inputs: readonly (Tensor | undefined)[], facts: Facts): boolean {
  const source = inputs[0]?.dataType;
  return (
    facts.get(node.output).dataType === 'string' && source !== 'string' && source !== 'int64' && source !== 'int32'
  );
}

function growthRefusal(node: Node, bytes: number, facts: Facts, options: FoldOptions): string | undefined {
  const growth = bytes - releasedBytes(node);
  const isFill = node.domain === '' && fillOperators.has(node.opType);
  const limit = isFill ? MAXIMUM_FILL_BYTES : MAXIMUM_GROWTH_BYTES;
  if (growth <= limit) return undefined;
  if (!isFill && options.exactOnly !== true) {
    const inTheEnd = growthOfCone(node, facts, {
      byteLengthOf: (value) => (facts.get(value).dataType === 'string' ? undefined : byteLengthOfValue(value, facts)),
      storedBytes,
    });
    if (inTheEnd !== undefined && inTheEnd <= limit) return undefined;
  }
  return `the result would add ${growth} bytes to the file, more than ${limit}`;
}

/** Bytes of the constants that nobody else reads: they leave the file with the node. */
function releasedBytes(node: Node): number {
  let bytes = 0;
  for (const value of new Set(node.inputs)) if (value !== undefined) bytes += ownBytes(value, node);
  return bytes;
}

function ownBytes(value: Value, node: Node): number {
  return value.onlyUser !== node || value.isInput ? 0 : storedBytes(value);
}

function storedBytes(value: Value): number {
  if (value.constant !== undefined) return value.constant.byteLength;
  const attribute = value.producer?.attributes.get('value');
  return attribute?.kind === 'tensor' && value.producer?.opType === 'Constant' ? attribute.value.byteLength : 0;
}

function byteLengthOfValue(value: Value, facts: Facts): number | undefined {
  const { dataType } = facts.get(value);
  const dims = staticDims(value, facts);
  if (dataType === undefined || dims === undefined) return undefined;
  return byteLengthOf(
    dataType,
    dims.reduce((count, dim) => count * dim, 1),
  );
}

/** What a result may take in the file; a text of a result is at most as long as the texts it is made of. */
function byteLengthOfResult(output: Value, inputs: readonly (Tensor | undefined)[], facts: Facts): number | undefined {
  const dims = staticDims(output, facts);
  if (dims === undefined || facts.get(output).dataType !== 'string') return byteLengthOfValue(output, facts);
  let longest = STRING_BYTES;
  for (const tensor of inputs) {
    if (tensor === undefined) continue;
    let own = tensor.strings === undefined ? LONGEST_NUMBER : 0;
    for (const text of tensor.strings ?? []) own = Math.max(own, text.byteLength);
    longest += own;
  }
  return dims.reduce((count, dim) => count * dim, longest);
}

function staticDims(value: Value, facts: Facts): number[] | undefined {
  const dims: number[] = [];
  for (const { constant } of facts.get(value).shape ?? []) {
    if (constant === undefined || constant < 0n || constant > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
    dims.push(Number(constant));
  }
  return facts.get(value).shape === undefined ? undefined : dims;
}

/**
 * Results without elements, which take no computing: a kernel may go along axes that are as long as the file says, since an
 * axis of 0 beside them makes the tensor small.
 */
function empty(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  facts: Facts,
): readonly Tensor[] | EvaluationRefusal | undefined {
  const tensors: Tensor[] = [];
  for (const output of node.outputs) {
    const dims = output && staticDims(output, facts);
    const dataType = output && facts.get(output).dataType;
    if (output === undefined || dataType === undefined || dims?.includes(0) !== true) return undefined;
    const data = dataType === 'string' ? [] : new ResidentPayload(new Uint8Array(0));
    tensors.push(new Tensor(dataType, dims, data, { name: output.name }));
  }
  const recipe = findRecipe(
    node,
    inputs.map((tensor) => tensor?.dataType),
  );
  return 'refusal' in recipe ? recipe : tensors;
}

/** The results as payloads that are computed while saving, where one is large or the inputs are not in memory. */
function deferred(node: Node, inputs: readonly (Tensor | undefined)[], facts: Facts): DeferredFold | undefined {
  const wanted: (DeferredResult | undefined)[] = [];
  let isLarge = false;
  for (const value of node.outputs) {
    if (value?.isUsed !== true) {
      wanted.push(undefined);
      continue;
    }
    const { dataType } = facts.get(value);
    const dims = staticDims(value, facts);
    if (dataType === undefined || dims === undefined) return undefined;
    isLarge ||= (byteLengthOfValue(value, facts) ?? 0) > DEFERRED_BYTES;
    wanted.push({ dataType, dims });
  }
  if (!isLarge && inputs.every((tensor) => tensor?.isResident !== false)) return undefined;
  return deferredFold(node, inputs, wanted);
}

function notExact({ operator }: Node): EvaluationRefusal {
  return { refusal: `${operator} is not exact to the bit` };
}

function computed(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  facts: Facts,
  options: FoldOptions,
): Fold | EvaluationRefusal {
  const result = evaluateNode(node, inputs);
  if ('refusal' in result) return result;
  if (options.exactOnly === true && result.exactness !== 'exact') return notExact(node);
  const outputs: Tensor[] = [];
  for (const index of node.outputs.keys()) {
    const tensor = result.outputs[index];
    if (tensor === undefined) return { refusal: `${node.operator} gives no output ${index} here` };
    outputs.push(tensor);
  }
  // Sizes that depend on the data (NonZero, Compress) are known only now.
  const refusal = growthRefusal(
    node,
    outputs.reduce((bytes, tensor) => bytes + tensor.byteLength, 0),
    facts,
    options,
  );
  return refusal === undefined ? { outputs, exactness: result.exactness } : { refusal };
}
