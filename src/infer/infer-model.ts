import type { Model } from '../ir/model.ts';
import { ModelFacts } from './facts.ts';

export interface InferOptions {
  /**
   * Symbolic dims of graph inputs may be 0. By default they are taken to be >= 1 (the assumption `nonempty`) wherever that
   * settles a shape; `ModelFacts.isAssumed` tells of which values.
   */
  readonly allowEmpty?: boolean;
  /**
   * Judge as `onnx.checker` does with `full_check`: contradictions are reported of branches that never run, too, and what
   * the standard excludes although runtimes take it counts as one (element types that the schema does not list, inputs without
   * a type, shape arithmetic beyond int64). Facts are the same but for the nodes concerned.
   */
  readonly strict?: boolean;
}

/**
 * Element types, symbolic shapes and known integer elements of every value of the model: main graph, subgraphs, and local
 * functions. A model that is provably wrong is no error: it leads to `contradictions`, and to values that are not known.
 */
export function inferModel(model: Model, options: InferOptions = {}): ModelFacts {
  return new ModelFacts(model, { allowEmpty: options.allowEmpty ?? false, strict: options.strict ?? false });
}
