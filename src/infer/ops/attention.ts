/**
 * Attention: Q, K, V as [batch, heads, length, size] or packed as [batch, length, heads * size].
 * Past keys and values are put before the present ones.
 * https://onnx.ai/onnx/operators/onnx__Attention.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, quotient, shapeOfRank, typeOfInputs } from './support.ts';

/** What an input says: its axes under the names of the standard. */
interface Heads {
  readonly batch: Dim | undefined;
  readonly heads: Dim | undefined;
  readonly length: Dim | undefined;
  readonly size: Dim | undefined;
  readonly isPacked: boolean | undefined;
}

export const attention = law(['Attention'], (context) => {
  checkCache(context);
  const query = headsOf(context, 0, 'q_num_heads');
  const key = headsOf(context, 1, 'kv_num_heads');
  const value = headsOf(context, 2, 'kv_num_heads');
  const pastKey = headsOf(context, 4, undefined);
  const pastValue = headsOf(context, 5, undefined);
  const batch = query.batch ?? key.batch ?? value.batch;
  const length = key.length ?? value.length;
  const hasPast = context.input(4) !== undefined || context.input(5) !== undefined;
  const past = hasPast ? (pastKey.length ?? pastValue.length) : Dim.zero;
  const total = past !== undefined ? length?.plus(past) : undefined;
  const size = value.size ?? pastValue.size;
  const keySize = key.size ?? query.size ?? pastKey.size;
  const heads = key.heads ?? value.heads ?? pastKey.heads;
  const packed = query.heads !== undefined ? size?.times(query.heads) : undefined;
  const dataType = typeOfInputs(context, 0, 1);
  if (query.isPacked === undefined) context.output(0, { dataType });
  else
    outputDims(
      context,
      0,
      dataType,
      query.isPacked ? [batch, query.length, packed] : [batch, query.heads, query.length, size],
    );
  outputDims(context, 1, typeOfInputs(context, 0, 1, 4), [batch, heads, total, keySize]);
  outputDims(context, 2, typeOfInputs(context, 2, 5), [batch, heads, total, size]);
  outputDims(context, 3, dataType, [batch, query.heads, query.length, total]);
});

/** Past and present come in pairs; a cache that is kept outside (nonpad_kv_seqlen, opset 24) goes with neither. */
function checkCache(context: LawContext): void {
  const hasInput = (index: number): boolean => context.input(index) !== undefined;
  const hasOutput = (index: number): boolean => context.node.outputs[index] !== undefined;
  if (hasInput(4) !== hasInput(5))
    context.contradiction('Attention takes past_key and past_value together or not at all');
  if (hasOutput(1) !== hasOutput(2))
    context.contradiction('Attention gives present_key and present_value together or not at all');
  if (hasInput(6) && (hasInput(4) || hasOutput(1)))
    context.contradiction('Attention takes nonpad_kv_seqlen only where it keeps no cache itself');
  for (const name of ['left_window_size', 'right_window_size'])
    if ((context.attributes.int(name) ?? -1n) < -1n) context.contradiction(`${name} of Attention is below -1`);
}

/** Axes that are apart already are not to be split. */
function checkUnpacked(context: LawContext, attribute: string | undefined): void {
  if (context.opset >= 25 && attribute !== undefined && context.attributes.has(attribute))
    context.contradiction(`${attribute} is for inputs of rank 3, but its inputs have rank 4`);
}

function headsOf(context: LawContext, index: number, attribute: string | undefined): Heads {
  const shape = attribute === undefined ? shapeOfRank(context, index, 4) : shapeOfRank(context, index, 3, 4);
  if (shape?.length === 4) {
    checkUnpacked(context, attribute);
    const [batch, heads, length, size] = shape;
    return { batch, heads, length, size, isPacked: false };
  }
  const [batch, length, packed] = shape ?? [];
  const count = attribute === undefined ? undefined : context.attributes.int(attribute);
  if (packed !== undefined && (count === undefined || count <= 0n))
    context.contradiction(`Attention needs a positive ${attribute} to split the axis of size ${packed.toString()}`);
  const heads = count === undefined ? undefined : Dim.of(count);
  const size = packed && heads && quotient(context, packed, heads, `the last axis of input ${index}`);
  return { batch, heads, length, size, isPacked: shape === undefined ? undefined : true };
}
