/**
 * Linear attention over packed heads: query [B, T, Hq * dk], key [B, T, Hkv * dk], value [B, T, Hkv * dv] and the
 * state [B, Hkv, dk, dv] -> output [B, T, Hq * dv] and the next state.
 * https://onnx.ai/onnx/operators/onnx__LinearAttention.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, quotient, shapeOfRank, typeOfInputs } from './support.ts';

export const linearAttention = law(['LinearAttention'], (context) => {
  checkUpdateRule(context);
  const queryHeads = context.attributes.int('q_num_heads') ?? 0n;
  const heads = context.attributes.int('kv_num_heads') ?? 0n;
  if (queryHeads <= 0n || heads <= 0n || queryHeads % heads !== 0n)
    context.contradiction(`LinearAttention has ${queryHeads} query heads for ${heads} key and value heads`);
  const query = shapeOfRank(context, 0, 3);
  const key = shapeOfRank(context, 1, 3);
  const value = shapeOfRank(context, 2, 3);
  const past = shapeOfRank(context, 3, 4);
  const gates = [shapeOfRank(context, 4, 3), shapeOfRank(context, 5, 3)];
  const packed = [query, key, value, ...gates];
  const batch = unifyAll(context, [...packed.map((shape) => shape?.[0]), past?.[0]], 'the batch sizes');
  const length = unifyAll(
    context,
    packed.map((shape) => shape?.[1]),
    'the lengths',
  );
  const keySizes = [sizeOfHead(context, query, queryHeads), sizeOfHead(context, key, heads), past?.[2]];
  const keySize = unifyAll(context, keySizes, 'the sizes of a key head');
  const size = unifyAll(context, [sizeOfHead(context, value, heads), past?.[3]], 'the sizes of a value head');
  if (past?.[1] !== undefined) context.unify(past[1], Dim.of(heads), 'the numbers of heads');
  checkGate(context, 4, [Dim.of(heads), keySize?.times(Dim.of(heads))]);
  checkGate(context, 5, [Dim.of(heads), Dim.one]);
  const dataType = typeOfInputs(context, 0, 1, 2);
  // Without a past state nothing names the type of the state; ONNX's own inference takes that of the query.
  const stateType = context.input(3) === undefined ? dataType : typeOfInputs(context, 3);
  outputDims(context, 0, dataType, [batch, length, size?.times(Dim.of(queryHeads))]);
  outputDims(context, 1, stateType, [batch, Dim.of(heads), keySize, size]);
});

/** Which of decay and beta each rule reads; it must have those and no others. */
const gatesOfRule: ReadonlyMap<string, readonly [decay: boolean, beta: boolean]> = new Map([
  ['linear', [false, false]],
  ['gated', [true, false]],
  ['delta', [false, true]],
  ['gated_delta', [true, true]],
]);

function checkUpdateRule(context: LawContext): void {
  const rule = context.attributes.string('update_rule') ?? '';
  const wanted = gatesOfRule.get(rule);
  if (wanted === undefined) context.contradiction(`LinearAttention knows no update_rule '${rule}'`);
  for (const [index, name] of ['decay', 'beta'].entries())
    if ((context.input(4 + index) !== undefined) !== wanted[index])
      context.contradiction(`update_rule '${rule}' ${wanted[index] === true ? 'needs' : 'takes no'} ${name}`);
}

function sizeOfHead(context: LawContext, packed: readonly Dim[] | undefined, heads: bigint): Dim | undefined {
  const width = packed?.[2];
  return width && quotient(context, width, Dim.of(heads), 'the packed axis');
}

/** The last axis of a gate: one of these, where all are known. */
function checkGate(context: LawContext, index: number, allowed: readonly (Dim | undefined)[]): void {
  const width = shapeOfRank(context, index, 3)?.[2];
  if (width !== undefined && allowed.every((dim) => dim?.differs(width) === true))
    context.contradiction(`the last axis of input ${index} of LinearAttention has size ${width.toString()}`);
}

function unifyAll(context: LawContext, dims: readonly (Dim | undefined)[], what: string): Dim | undefined {
  return dims.reduce((joined, dim) => (joined && dim ? context.unify(joined, dim, what) : (joined ?? dim)), undefined);
}

/**
 * Depthwise over input [B, C, L] with weight [C, 1, k]; the state [B, C, k - 1] is what the next call begins with.
 * https://onnx.ai/onnx/operators/onnx__CausalConvWithState.html
 */
export const causalConvolution = law(['CausalConvWithState'], (context) => {
  const activation = context.attributes.string('activation') ?? 'none';
  if (!['none', 'silu', 'swish'].includes(activation))
    context.contradiction(`CausalConvWithState knows no activation '${activation}'`);
  const input = shapeOfRank(context, 0, 3);
  const weight = shapeOfRank(context, 1, 3);
  const bias = shapeOfRank(context, 2, 1);
  const past = shapeOfRank(context, 3, 3);
  const kernel = weight?.[2];
  if (kernel?.constant === 0n) context.contradiction('CausalConvWithState has a kernel of size 0');
  const channels = unifyAll(context, [input?.[1], weight?.[0], bias?.[0], past?.[1]], 'the numbers of channels');
  const batch = unifyAll(context, [input?.[0], past?.[0]], 'the batch sizes');
  const state = unifyAll(context, [kernel?.minus(Dim.one), past?.[2]], 'the lengths of the state');
  const dataType = typeOfInputs(context, 0, 1, 2, 3);
  outputDims(context, 0, dataType, [batch, channels, input?.[2]]);
  outputDims(context, 1, dataType, [batch, channels, state]);
});
