/**
 * Folds whose result is large, or whose inputs are not in memory: the result is a computed payload, evaluated when the
 * model is saved. Only operators that cannot refuse once their shapes are known take part, since by then it is too late.
 */
import { invariant } from '../base/errors.ts';
import { byteLengthOf } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import { ComputedPayload, elementCountOf, ResidentPayload, Tensor } from '../ir/tensor.ts';
import { attributesOf } from '../opset/attributes.ts';
import { arrayOf, bytesOfArray, type NDArray } from './array.ts';
import { evaluateArrays, findRecipe } from './evaluate-node.ts';
import { type DeferredResult, isDeferrable, shapeOperators } from './deferrable.ts';
import type { Exactness } from './kernel.ts';
import { transposedPayload } from './transposed-payload.ts';

/** All inputs and the result are in memory at once while such a tensor is saved: nodes on more data than this stay. */
export const MAXIMUM_DEFERRED_BYTES = 1 << 30;

export interface DeferredFold {
  /** In the order of the node's outputs; undefined where nobody wants one. */
  readonly outputs: readonly (Tensor | undefined)[];
  readonly exactness: Exactness;
}

/**
 * The folded outputs of `node` that are wanted, whose types and dims are known, without computing them; undefined when they must be
 * computed now. Costs the memory of one input set and one result while the model is saved, and only then; each output of several is
 * computed on its own.
 */
export function deferredFold(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  wanted: readonly (DeferredResult | undefined)[],
): DeferredFold | undefined {
  const first = inputs[0];
  const results = wanted.filter((result) => result !== undefined);
  if (first === undefined || node.domain !== '' || results.length === 0) return undefined;
  if (inputs.some((tensor) => tensor?.strings !== undefined)) return undefined;
  if (results.some(({ dataType }) => dataType === 'string')) return undefined;
  const recipe = findRecipe(
    node,
    inputs.map((tensor) => tensor?.dataType),
  );
  if ('refusal' in recipe) return undefined;
  const name = (index: number): string => node.outputs[index]?.name ?? '';
  if (shapeOperators.has(node.opType)) {
    const [result] = results;
    if (first.dataType !== result?.dataType || first.elementCount !== elementCountOf(result.dims)) return undefined;
    const external = first.external === undefined ? {} : { external: first.external };
    const view = new Tensor(result.dataType, result.dims, first.payload, { name: name(0), ...external });
    return { outputs: [view], exactness: 'exact' };
  }
  if (!isDeferrable(node, inputs, results)) return undefined;
  const inBlocks = node.opType === 'Transpose' ? transposedInBlocks(node, first) : undefined;
  const outputs: (Tensor | undefined)[] = [];
  const inputBytes = inputs.reduce((sum, tensor) => sum + (tensor?.byteLength ?? 0), 0);
  for (const [index, result] of wanted.entries()) {
    if (result === undefined) {
      outputs.push(undefined);
      continue;
    }
    const { dataType, dims } = result;
    const bytes = inputBytes + byteLengthOf(dataType, elementCountOf(dims));
    if (inBlocks === undefined && bytes > MAXIMUM_DEFERRED_BYTES) return undefined;
    const payload = inBlocks ?? lazyResult(node, inputs, result, index);
    outputs.push(new Tensor(dataType, dims, payload, { name: name(index) }));
  }
  // Those that decide by the elements are exact at best.
  const { exactness } = recipe.kernel;
  return { outputs, exactness: typeof exactness === 'function' ? 'bounded' : exactness };
}

function transposedInBlocks(node: Node, { payload, dataType, dims }: Tensor): ComputedPayload | undefined {
  const perm = attributesOf(node).numbers('perm') ?? [...dims.keys()].reverse();
  return transposedPayload(payload, dataType, dims, perm);
}

/**
 * The payload: reads all inputs and runs the kernel at the first read. The saver reads from front to back, each piece into a buffer of
 * its own, so the memory is given back with the last byte: the collector would come too late for one large tensor after the other.
 * Who reads without a buffer gets a view, which stays; a later pass then finds the result again if it has not been collected yet.
 */
function lazyResult(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  { dataType, dims }: DeferredResult,
  index: number,
): ComputedPayload {
  const byteLength = byteLengthOf(dataType, elementCountOf(dims));
  const opset = node.graph?.opsetVersion(node.domain);
  invariant(opset !== undefined, 'a node is folded while it is in its graph');
  // The node, and perhaps its graph, leave the model before the payload is read: what the kernel needs of it is kept.
  const attributes = new Map(node.attributes);
  let kept: Promise<Computed> | undefined;
  let weak: WeakRef<Computed> | undefined;
  let readers = 0;
  const compute = async (): Promise<Computed> => {
    const own = new Set<ArrayBufferLike>();
    const arrays = await Promise.all(inputs.map((tensor) => tensor && readOwnArray(tensor, own)));
    const result = evaluateArrays(node, arrays, { attributes, opset });
    invariant(!('refusal' in result), `a deferred fold of ${node.operator} was refused`);
    const array = result.outputs[index];
    invariant(
      array?.dataType === dataType && array.dims.join() === dims.join(),
      `a deferred ${node.operator} gave another type or shape than inferred`,
    );
    const bytes = bytesOfArray(array);
    // A kernel may hand on an input as it is.
    const isOwn =
      own.delete(bytes.buffer) || arrays.every((input) => input === undefined || !sharesMemory(input, bytes));
    for (const buffer of own) giveBack(buffer);
    const computed = { bytes, isOwn };
    weak = new WeakRef(computed);
    return computed;
  };
  return new ComputedPayload(byteLength, 1, async (offset, length, into) => {
    readers++;
    let computed: Computed;
    try {
      computed = weak?.deref() ?? (await (kept ??= compute()));
    } finally {
      readers--;
    }
    const isLast = offset + length >= byteLength;
    kept = isLast ? undefined : Promise.resolve(computed);
    const part = computed.bytes.subarray(offset, offset + length);
    if (into === undefined) {
      computed.isOwn = false;
      return part;
    }
    const copy = into.subarray(0, length);
    copy.set(part);
    // A node may read the same tensor twice, at once.
    if (isLast && computed.isOwn && readers === 0) {
      weak = undefined;
      giveBack(computed.bytes.buffer);
    }
    return copy;
  });
}

interface Computed {
  readonly bytes: Uint8Array;
  /** Nobody else sees this memory. */
  isOwn: boolean;
}

function sharesMemory({ data }: NDArray, { buffer }: Uint8Array): boolean {
  return !ArrayBuffer.isView(data) || data.buffer === buffer;
}

/** Frees the memory at once, where the engine can (ECMAScript 2024); elsewhere the collector does. */
function giveBack(buffer: ArrayBufferLike): void {
  const transferable = buffer as { transfer?(byteLength: number): unknown };
  transferable.transfer?.(0);
}

/** As `readArray`; memory that was made for it, and that nobody else sees, is noted in `own`. */
async function readOwnArray(tensor: Tensor, own: Set<ArrayBufferLike>): Promise<NDArray> {
  if (tensor.isResident) return arrayOf(tensor);
  const { payload } = tensor;
  const into = new Uint8Array(payload.byteLength);
  const bytes = await payload.read(0, payload.byteLength, into);
  const array = arrayOf(tensor.withPayload(new ResidentPayload(bytes)));
  if (bytes.buffer === into.buffer) own.add(into.buffer);
  return array;
}

/** The elements of a tensor wherever they are: the whole payload is read. */
export async function readArray(tensor: Tensor): Promise<NDArray> {
  if (tensor.isResident) return arrayOf(tensor);
  const { payload } = tensor;
  return arrayOf(tensor.withPayload(new ResidentPayload(await payload.read(0, payload.byteLength))));
}
