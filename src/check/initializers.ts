/** Initializers: where they may be, and that they are what they are declared to be. */
import { graphsOfModel, type Model } from '../ir/model.ts';
import { modelRule } from '../ir/problem.ts';
import type { Value } from '../ir/value.ts';
import type { ProblemList } from './problem-list.ts';

export const initializerInputRule = modelRule({
  id: 'model/initializer-not-input',
  summary: 'Below IR 4, an initializer is not among the inputs of its graph.',
  why: 'Before IR 4 every initializer must be an input of its graph too (IR.md, Graphs; onnx.checker).',
  severity: 'error',
  effect: 'repair',
  messages: {
    // A later IR version would turn every input that has an initializer into a default that callers may override.
    main: "initializer '{value}' is not among the inputs, as IR version {version} asks",
    subgraph: "initializer '{value}' of a subgraph is not among its inputs, as IR version {version} asks",
  },
  advice: { subgraph: 'export the model with IR version 4 or later' },
});

export const inputInitializerRule = modelRule({
  id: 'model/subgraph-input-with-initializer',
  summary: 'A value of a subgraph is both an input and an initializer.',
  why: 'In subgraphs a name must not be both, from IR 4 on (IR.md, Graphs): the node that holds the graph feeds its inputs.',
  severity: 'error',
  effect: 'keep',
  messages: { value: "'{value}' is both an input and an initializer of the subgraph" },
  advice: '',
});

export const initializerTypeRule = modelRule({
  id: 'model/initializer-type',
  summary: 'An initializer is not of the type that its input declares.',
  why: 'The default of an input must be of its type and shape (IR.md, Graphs).',
  severity: 'error',
  effect: 'keep',
  messages: { type: "initializer '{value}' is {actual}, but the input is declared as {declared}" },
  advice: '',
});

export function checkInitializers(model: Model, list: ProblemList): void {
  const { irVersion: version } = model;
  const mustBeInputs = version >= 1 && version < 4;
  for (const graph of graphsOfModel(model)) {
    // The initializers of a function's body are Constant nodes in the file.
    if (graph.initializers.size === 0 || !graph.allowsInitializers) continue;
    const isSubgraph = graph.owner !== undefined;
    for (const value of graph.initializers) {
      const subject = { graph, value: value.name };
      if (mustBeInputs && !value.isInput)
        list.report(
          initializerInputRule,
          isSubgraph ? 'subgraph' : 'main',
          { value: value.name, version },
          subject,
          isSubgraph ? { effect: 'keep' } : {},
        );
      if (version >= 4 && value.isInput && isSubgraph)
        list.report(inputInitializerRule, 'value', { value: value.name }, subject);
      const conflict = typeConflict(value);
      if (conflict !== undefined) list.report(initializerTypeRule, 'type', { value: value.name, ...conflict }, subject);
    }
  }
}

/** How an initializer differs from the type its input declares. */
function typeConflict({ isInput, initializer, type }: Value): { actual: string; declared: string } | undefined {
  if (!isInput || initializer === undefined || type?.kind !== 'tensor') return undefined;
  const { dataType, dims } = initializer;
  const { shape } = type;
  const isSame =
    (type.dataType === undefined || type.dataType === dataType) &&
    (shape === undefined ||
      (shape.length === dims.length &&
        shape.every((dimension, axis) => typeof dimension !== 'number' || dimension === dims[axis])));
  if (isSame) return undefined;
  const text = (element: string | undefined, sizes: readonly unknown[] | undefined): string =>
    `${element ?? 'a tensor'}${sizes === undefined ? '' : `[${sizes.map((size) => size ?? '?').join(', ')}]`}`;
  return { actual: text(dataType, dims), declared: text(type.dataType, shape) };
}
