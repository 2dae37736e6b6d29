/**
 * TreeEnsemble: features [N, F] to [N, n_targets] of the same type. Its trees are lists that run in parallel: `nodes_*` for inner
 * nodes, `leaf_*` for leaves. https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { rowsOf } from './ml-predict.ts';
import { outputDims, typeOfInputs } from './support.ts';

export const treeEnsemble = law(['ai.onnx.ml::TreeEnsemble'], (context) => {
  checkTrees(context);
  const dataType = typeOfInputs(context, 0);
  outputDims(context, 0, dataType, [rowsOf(context), Dim.of(context.attributes.int('n_targets') ?? 1n)]);
});

const nodeLists = [
  'nodes_featureids',
  'nodes_truenodeids',
  'nodes_falsenodeids',
  'nodes_trueleafs',
  'nodes_falseleafs',
];
const nodeTensors = ['nodes_splits', 'nodes_modes', 'nodes_hitrates'];
const weights = ['nodes_splits', 'nodes_hitrates', 'leaf_weights', 'membership_values'];

function checkTrees(context: LawContext): void {
  const { attributes } = context;
  const lengths = new Map<string, number>();
  for (const name of [...nodeLists, 'nodes_missing_value_tracks_true']) {
    const length = attributes.ints(name)?.length;
    if (length !== undefined) lengths.set(name, length);
  }
  for (const name of nodeTensors) {
    const count = attributes.tensor(name)?.elementCount;
    if (count !== undefined) lengths.set(name, count);
  }
  const [[name, count] = ['', 0], ...others] = lengths;
  for (const [other, length] of others)
    if (length !== count) context.contradiction(`${name} has ${count} elements, but ${other} has ${length}`);
  const leaves = attributes.tensor('leaf_weights')?.elementCount;
  const targets = attributes.ints('leaf_targetids')?.length;
  if (leaves !== undefined && targets !== undefined && leaves !== targets)
    context.contradiction(`leaf_weights has ${leaves} elements, but leaf_targetids has ${targets}`);
  const dataType = typeOfInputs(context, 0);
  for (const weight of weights) {
    const given = attributes.tensor(weight)?.dataType;
    if (given !== undefined && dataType !== undefined && given !== dataType)
      context.contradiction(`${weight} is ${given}, but its input is ${dataType}`);
  }
}
