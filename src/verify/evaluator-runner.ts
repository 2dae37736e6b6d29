import { openModel } from '../fold/evaluate-model.ts';
import type { Runner } from './runner.ts';

/**
 * Our own evaluator: kernels compute in double and round once, so that what a rewrite keeps to the bit comes out equal to the
 * bit. All weights are in memory while a session is open.
 */
export const evaluatorRunner: Runner = {
  name: 'the built-in evaluator',
  async open({ model }) {
    const opened = await openModel(model);
    return { run: async (inputs) => opened.run(inputs), close: async () => undefined };
  },
};
