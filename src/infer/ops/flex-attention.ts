/**
 * FlexAttention: Q [batch, heads, length, size], K and V [batch, fewer heads, other length, size]; subgraphs may change the
 * scores and probabilities, not their shape. https://onnx.ai/onnx/operators/onnx_aionnxpreview_FlexAttention.html
 */
import type { Dim } from '../dim.ts';
import { UNKNOWN_FACT } from '../fact.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, quotient, shapeOfRank, typeOfInputs } from './support.ts';

export const flexAttention = law(['ai.onnx.preview::FlexAttention'], (context) => {
  const types = [0, 1, 2].map((index) => typeOfInputs(context, index));
  const known = types.filter((dataType) => dataType !== undefined);
  if (new Set(known).size > 1) context.contradiction(`its inputs are of the types ${known.join(', ')}, not of one`);
  const [batch, heads, length, size] = shapeOfRank(context, 0, 4) ?? [];
  const [keyBatch, keyHeads, keyLength, keySize] = shapeOfRank(context, 1, 4) ?? [];
  const [valueBatch, valueHeads, valueLength, valueSize] = shapeOfRank(context, 2, 4) ?? [];
  const agree = (a: Dim | undefined, b: Dim | undefined, what: string): Dim | undefined =>
    a !== undefined && b !== undefined ? context.unify(a, b, what) : (a ?? b);
  agree(size, keySize, 'the sizes of query and key');
  const steps = agree(keyLength, valueLength, 'the lengths of key and value');
  const fewer = agree(keyHeads, valueHeads, 'the heads of key and value');
  if (heads !== undefined && fewer !== undefined) quotient(context, heads, fewer, 'the number of query heads');
  const common = agree(agree(batch, keyBatch, 'batch sizes'), valueBatch, 'batch sizes');
  inferModifiers(context, [common, heads, length, steps]);
  outputDims(context, 0, known[0], [common, heads, length, valueSize]);
});

/** Both subgraphs see the scores [batch, heads, length, other length] in the precision of the softmax, and hand on the same. */
function inferModifiers(context: LawContext, scores: readonly (Dim | undefined)[]): void {
  for (const name of ['score_mod', 'prob_mod']) {
    const body = context.attributes.graph(name);
    const [seen] = body?.inputs ?? [];
    if (body === undefined || seen === undefined) continue;
    const declared = seen.type?.kind === 'tensor' ? seen.type.dataType : undefined;
    const shape = scores.map((dim, axis) => dim ?? context.unknownDimOf(seen, axis));
    context.inferBody(body, [{ ...UNKNOWN_FACT, dataType: declared, shape }]);
  }
}
