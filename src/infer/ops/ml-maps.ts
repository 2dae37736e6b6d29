/**
 * Maps from keys to numbers, made of rows of a tensor and made into one row.
 * https://onnx.ai/onnx/operators/onnx_aionnxml_ZipMap.html
 */
import type { DataType } from '../../ir/data-type.ts';
import { tensorType } from '../../ir/value-type.ts';
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { listLength } from './ml-labels.ts';
import { outputDims, shapeOfRank } from './support.ts';

/** Rows [N, keys] become a sequence of maps. */
export const zipMap = law(['ai.onnx.ml::ZipMap'], (context) => {
  const strings = listLength(context, 'classlabels_strings') ?? 0;
  const numbers = listLength(context, 'classlabels_int64s') ?? 0;
  if (strings > 0 === numbers > 0)
    context.contradiction('it needs its keys as classlabels_strings or as classlabels_int64s, and not as both');
  const columns = shapeOfRank(context, 0, 1, 2)?.at(-1);
  if (columns !== undefined)
    context.unify(columns, Dim.of(strings + numbers), 'the number of columns and that of keys');
  const keyType: DataType = strings > 0 ? 'string' : 'int64';
  context.output(0, {
    otherType: { kind: 'sequence', element: { kind: 'map', keyType, valueType: tensorType('float') } },
  });
});

const castTypes: Readonly<Record<string, DataType>> = { TO_FLOAT: 'float', TO_INT64: 'int64', TO_STRING: 'string' };

/** One row of the values in the order of their keys; `SPARSE` has a place for every key below max_map. */
export const castMap = law(['ai.onnx.ml::CastMap'], (context) => {
  const isSparse = context.attributes.string('map_form') === 'SPARSE';
  const size = isSparse ? context.attributes.int('max_map') : undefined;
  const dataType = castTypes[context.attributes.string('cast_to') ?? ''];
  outputDims(context, 0, dataType, [Dim.one, size === undefined ? undefined : Dim.of(size)]);
});

/** One row with a place for each word of the vocabulary. */
export const dictVectorizer = law(['ai.onnx.ml::DictVectorizer'], (context) => {
  const count = listLength(context, 'string_vocabulary') ?? listLength(context, 'int64_vocabulary');
  outputDims(context, 0, mapValueType(context), [Dim.one, count === undefined ? undefined : Dim.of(count)]);
});

function mapValueType(context: LawContext): DataType | undefined {
  const type = context.input(0)?.otherType;
  return type?.kind === 'map' && type.valueType?.kind === 'tensor' ? type.valueType.dataType : undefined;
}
