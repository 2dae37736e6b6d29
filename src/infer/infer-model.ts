import type { Model } from '../ir/model.ts';
import { ModelFacts } from './facts.ts';

export interface InferOptions {
  /**
   * Symbolic dims of graph inputs may be 0. By default they are taken to be >= 1 (the assumption `nonempty`) wherever that
   * settles a shape; `ModelFacts.isAssumed` tells of which values.
   */
  readonly allowEmpty?: boolean;
}

/**
 * Element types, symbolic shapes and known integer elements of every value of the model: main graph, subgraphs, and local
 * functions. A model that is provably wrong is no error: it leads to `contradictions`, and to values that are not known.
 */
export function inferModel(model: Model, options: InferOptions = {}): ModelFacts {
  return new ModelFacts(model, { allowEmpty: options.allowEmpty ?? false });
}
