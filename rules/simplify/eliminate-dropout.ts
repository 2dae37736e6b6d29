import { op, refuse, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

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
    if (context.opset < 7 && context.attributes(dropout).int('is_test') !== 1n) return refuse('it is in training mode');
    if (trainingMode !== undefined) {
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
