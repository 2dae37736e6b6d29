/** What an input is used for, as far as that limits the values that make sense: found by following it through the graph. */
import { arrayOf } from '../fold/array.ts';
import { Dim } from '../infer/dim.ts';
import type { Facts } from '../infer/fact.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { integersOf, type Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { attributesOf } from '../opset/attributes.ts';

export interface InputRole {
  /** The values are positions below each of these. */
  readonly below: readonly Dim[];
  /** The values are positions, or lengths, up to each of these. */
  readonly upTo: readonly Dim[];
  /** The values say what counts: 0 and 1. */
  readonly isMask: boolean;
  /** The elements are the dims of this shape. */
  readonly sizesOf: readonly Dim[] | undefined;
  /** The values are sizes, counts or positions that are small numbers, within these bounds. */
  readonly small: readonly [low: number, high: number] | undefined;
  /** The values are factors of sizes. */
  readonly isScale: boolean;
}

/** Of these, the named inputs are handed on unchanged, element by element; other inputs only say how. */
const passing: Readonly<Record<string, readonly number[] | 'all'>> = {
  Identity: [0],
  Cast: [0],
  CastLike: [0],
  Reshape: [0],
  Squeeze: [0],
  Unsqueeze: [0],
  Flatten: [0],
  Transpose: [0],
  Expand: [0],
  Tile: [0],
  Slice: [0],
  Split: [0],
  Gather: [0],
  GatherElements: [0],
  GatherND: [0],
  Concat: 'all',
  Where: [1, 2],
  Max: 'all',
  Min: 'all',
  Clip: [0],
  Pad: [0],
  Add: [0, 1],
  Sub: [0],
};

/** Inputs that are sizes, counts or positions, with values that nearly every model can take. */
const smallInputs: Readonly<Record<string, Readonly<Record<number, readonly [number, number]>>>> = {
  ConstantOfShape: { 0: [1, 3] },
  Expand: { 1: [1, 1] },
  Tile: { 1: [1, 2] },
  Range: { 0: [0, 0], 1: [1, 5], 2: [1, 1] },
  TopK: { 1: [1, 1] },
  Slice: { 1: [0, 0], 2: [1, 3], 3: [0, 0], 4: [1, 1] },
  Pad: { 1: [0, 1] },
  Loop: { 0: [1, 3] },
  Trilu: { 1: [0, 1] },
  OneHot: { 1: [2, 5] },
  NonMaxSuppression: { 2: [1, 5] },
  Squeeze: { 1: [0, 0] },
  Unsqueeze: { 1: [0, 0] },
  CumSum: { 1: [0, 0] },
  ReduceSum: { 1: [0, 0] },
  ReduceMean: { 1: [0, 0] },
};

/** More uses than this tell nothing new. */
const MAXIMUM_USES = 10_000;

/** How far a value has been added to on its way: positions must be smaller by as much. */
interface Reached {
  readonly value: Value;
  readonly offset: bigint;
}

export function roleOf(input: Value, model: Model, facts: Facts): InputRole {
  return new RoleFinder(model, facts).find(input);
}

class RoleFinder {
  readonly #model: Model;
  readonly #facts: Facts;
  readonly #below: Dim[] = [];
  readonly #upTo: Dim[] = [];
  readonly #pending: Reached[] = [];
  readonly #seen = new Set<Value>();
  /** Nodes on the way that run a body: calls, and loops. */
  readonly #calls = new Map<Graph, Set<Node>>();
  #isMask = false;
  #isScale = false;
  #sizesOf: readonly Dim[] | undefined;
  #small: readonly [number, number] | undefined;

  constructor(model: Model, facts: Facts) {
    this.#model = model;
    this.#facts = facts;
  }

  find(input: Value): InputRole {
    this.#reach(input, 0n);
    let uses = 0;
    for (let at = this.#pending.pop(); at !== undefined; at = this.#pending.pop()) {
      for (const user of at.value.users) {
        for (const [index, own] of user.inputs.entries()) if (own === at.value) this.#meet(user, index, at.offset);
        if (++uses > MAXIMUM_USES) break;
      }
      for (const graph of at.value.outputOf) this.#leave(graph, at);
    }
    return {
      below: this.#below,
      upTo: this.#upTo,
      isMask: this.#isMask || /mask/i.test(input.name),
      sizesOf: this.#sizesOf,
      small: this.#small,
      isScale: this.#isScale,
    };
  }

  #reach(value: Value | undefined, offset: bigint): void {
    if (value === undefined || this.#seen.has(value)) return;
    this.#seen.add(value);
    this.#pending.push({ value, offset });
  }

  #meet(user: Node, index: number, offset: bigint): void {
    const body = this.#bodyOf(user);
    if (body !== undefined) {
      this.#calls.set(body, (this.#calls.get(body) ?? new Set()).add(user));
      this.#reach(body.inputs[index], offset);
      return;
    }
    this.#noteIndex(user, index, offset);
    this.#noteSizes(user, index);
    this.#noteMask(user, index);
    const handed = user.domain === '' ? passing[user.opType] : undefined;
    if (handed === undefined || !(handed === 'all' || handed.includes(index))) return;
    const added = this.#addend(user, index);
    for (const output of user.outputs) this.#reach(output, offset + added);
  }

  /** What a body gives is what the nodes give that run it. */
  #leave(graph: Graph, { value, offset }: Reached): void {
    const nodes = graph.owner === undefined ? (this.#calls.get(graph) ?? []) : [graph.owner.node];
    for (const node of nodes)
      for (const [index, output] of graph.outputs.entries()) {
        if (output !== value) continue;
        // The first output of a Loop's body is its condition.
        this.#reach(node.outputs[node.operator === 'Loop' ? index - 1 : index], offset);
      }
  }

  /** The graph whose inputs are those of the node, in their order. */
  #bodyOf(node: Node): Graph | undefined {
    const called = this.#model.findFunction(node.domain, node.opType, node.overload);
    if (called !== undefined) return called.body;
    const body = node.domain === '' && ['Loop', 'Scan'].includes(node.opType) ? node.attributes.get('body') : undefined;
    return body?.kind === 'graph' ? body.value : undefined;
  }

  /** The most that Add adds, or Sub takes away, when that is constant. */
  #addend(node: Node, index: number): bigint {
    const other = node.opType === 'Add' || node.opType === 'Sub' ? node.inputs[1 - index] : undefined;
    const constant = other && this.#facts.get(other).constant;
    const [first, ...rest] = (constant && integersOf(constant)) ?? [];
    if (first === undefined) return 0n;
    const isAdd = node.opType === 'Add';
    const extreme = rest.reduce((best, element) => (element > best === isAdd ? element : best), first);
    return isAdd ? extreme : -extreme;
  }

  #shapeOf(node: Node, input: number): readonly Dim[] | undefined {
    const value = node.inputs[input];
    return value && this.#facts.get(value).shape;
  }

  #noteIndex(node: Node, index: number, offset: bigint): void {
    for (const dim of this.#axesIndexed(node, index) ?? [])
      if (dim !== undefined) this.#below.push(dim.minus(Dim.of(offset)));
    const recurrent = node.domain === '' && ['RNN', 'GRU', 'LSTM'].includes(node.opType) && index === 4;
    const reversed = node.domain === '' && node.opType === 'ReverseSequence' && index === 1;
    if (!recurrent && !reversed) return;
    const axis = reversed ? (attributesOf(node).number('time_axis') ?? 0) : 0;
    const longest = this.#shapeOf(node, 0)?.[axis];
    if (longest !== undefined) this.#upTo.push(longest);
  }

  /** The dims that the elements of an input are positions in. */
  #axesIndexed(node: Node, index: number): readonly (Dim | undefined)[] | undefined {
    const axis = (shape: readonly Dim[] | undefined): readonly (Dim | undefined)[] => [
      shape?.at(attributesOf(node).number('axis') ?? 0),
    ];
    if (node.domain === 'com.microsoft') {
      const table = embeddingTables[node.opType]?.[index];
      return table === undefined ? undefined : [this.#shapeOf(node, table)?.[0]];
    }
    switch (node.operator) {
      case 'Gather':
      case 'GatherElements':
      case 'ScatterElements':
      case 'Scatter':
        return index === 1 ? axis(this.#shapeOf(node, 0)) : undefined;
      case 'GatherND':
      case 'ScatterND':
        return index === 1 ? this.#shapeOf(node, 0)?.slice(0, this.#depthOf(node)) : undefined;
      case 'OneHot':
        return index === 0 ? [this.#knownElement(node, 1)] : undefined;
      case 'NegativeLogLikelihoodLoss':
      case 'SoftmaxCrossEntropyLoss':
        return index === 1 ? [this.#shapeOf(node, 0)?.[1]] : undefined;
      case 'RotaryEmbedding':
        return index === 3 ? [this.#shapeOf(node, 1)?.[0]] : undefined;
      case 'ai.onnx.ml::ArrayFeatureExtractor':
        return index === 1 ? [this.#shapeOf(node, 0)?.at(-1)] : undefined;
      default:
        return undefined;
    }
  }

  /** How many axes an element of the indices of GatherND and ScatterND takes; all of them where that is not known. */
  #depthOf(node: Node): number | undefined {
    const depth = this.#shapeOf(node, 1)?.at(-1)?.constant;
    return depth === undefined ? undefined : Number(depth) + (attributesOf(node).number('batch_dims') ?? 0);
  }

  #knownElement(node: Node, input: number): Dim | undefined {
    const value = node.inputs[input];
    return value && this.#facts.get(value).elements?.[0];
  }

  #noteSizes(node: Node, index: number): void {
    if (node.domain !== '') return;
    const resizes = node.opType === 'Resize' || node.opType === 'Upsample';
    const isShape = (node.opType === 'Reshape' && index === 1) || (node.opType === 'Resize' && index === 3);
    if (isShape) this.#sizesOf ??= this.#shapeOf(node, 0);
    if (resizes && index === (node.opType === 'Upsample' || node.inputs.length === 2 ? 1 : 2)) this.#isScale = true;
    this.#small ??= smallInputs[node.opType]?.[index];
  }

  /** Masks are cast to bool, or taken away from 1 to become what is added to the scores of an attention. */
  #noteMask(node: Node, index: number): void {
    if (node.operator === 'Cast' && attributesOf(node).int('to') === BOOL) this.#isMask = true;
    const other = node.operator === 'Sub' && index === 1 ? node.inputs[0] : undefined;
    const constant = other && this.#facts.get(other).constant;
    if (constant?.elementCount === 1 && isOne(constant)) this.#isMask = true;
  }
}

function isOne(tensor: Tensor): boolean {
  return tensor.isResident && tensor.strings === undefined && Number(arrayOf(tensor).data[0]) === 1;
}

/** TensorProto.BOOL */
const BOOL = 9n;

/** By operator of com.microsoft and input: the input whose rows it names. */
const embeddingTables: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  EmbedLayerNormalization: { 0: 2, 1: 4, 7: 3 },
  RotaryEmbedding: { 1: 2 },
};
