import {
  type Node,
  numberOf,
  op,
  refuse,
  rewrite,
  type RewriteContext,
  wouldKeepIdentity,
} from '../../src/rule-kit.ts';

/** Training drops nothing where the ratio is 0, and then it scales by 1. */
function dropsNothing(dropout: Node, context: RewriteContext): boolean {
  if (context.opset < 12) return context.attributes(dropout).float('ratio') === 0;
  return numberOf(context.tensor(dropout.inputs[1])) === 0;
}

export default rewrite({
  id: 'eliminate-dropout',
  summary: 'Remove a Dropout that does not drop.',
  why: 'At inference Dropout is the identity, but models exported in training mode carry it along.',
  exact: true,

  pattern: op('Dropout', 'dropout'),

  rewrite({ dropout }, context) {
    const [x, , trainingMode] = dropout.inputs;
    if (x === undefined) return undefined;
    if (dropout.outputs[1]?.isUsed === true) return refuse('its mask is used');
    const isTraining = context.opset < 7 && context.attributes(dropout).int('is_test') !== 1n;
    if (isTraining && !dropsNothing(dropout, context)) return refuse('it is in training mode');
    if (trainingMode !== undefined && !dropsNothing(dropout, context)) {
      const mode = context.booleans(trainingMode);
      if (mode === undefined) return refuse('training_mode is computed at run time');
      if (mode[0] !== false) return refuse('it is in training mode');
    }
    return wouldKeepIdentity(dropout.output, x) ? undefined : context.replace(dropout, x);
  },

  examples: [
    {
      title: 'inference is the default',
      before: `agraph (float[2] x) => (float[2] y) <float ratio = {0.5}> {
        a, mask = Dropout (x, ratio)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a ratio of 0 drops nothing in training, either',
      before: `agraph (float[2] x, bool training) => (float[2] y) <float ratio = {0}> {
        a = Dropout (x, ratio, training)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x, bool training) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a ratio that is left out is one half',
      before: `agraph (float[2] x) => (float[2] y) <bool training = {1}> {
        a = Dropout (x, , training)
        y = Neg (a)
      }`,
      after: 'unchanged',
      because: 'it is in training mode',
    },
    {
      title: 'training mode is kept',
      before: `agraph (float[2] x, bool training) => (float[2] y) <float ratio = {0.5}> {
        a = Dropout (x, ratio, training)
        y = Neg (a)
      }`,
      after: 'unchanged',
      because: 'training_mode is computed at run time',
    },
  ],
});
