/** What names values beside the graph: value_info, annotations, training bindings, sharding. */
import type { Graph } from '../ir/graph.ts';
import { graphsOfModel, type Model, type TrainingInfo } from '../ir/model.ts';
import { modelRule } from '../ir/problem.ts';
import type { ProblemList } from './problem-list.ts';

export const strayValueInfoRule = modelRule({
  id: 'model/stray-value-info',
  summary: 'value_info describes a value that the graph does not have.',
  why: 'It does no harm; tools that take nodes out of a graph leave it behind.',
  severity: 'info',
  effect: 'repair',
  messages: { value: "value_info describes '{value}', which the graph does not have" },
  advice: '',
});

export const danglingReferenceRule = modelRule({
  id: 'model/dangling-reference',
  summary: 'An annotation or a training binding names a value that there is not.',
  why: 'quantization_annotation, training_info and sharding_spec name values of the graph (onnx.proto).',
  severity: 'warning',
  effect: 'keep',
  messages: {
    annotation: "quantization_annotation is about '{value}', which the graph does not have",
    parameter: "quantization_annotation of '{tensor}' names '{value}', which the graph does not have",
    sharding: "node {node} says how '{value}' is sharded, but neither reads nor makes it",
    bindingTarget: "a training binding sets '{value}', which is no initializer",
    bindingSource: "a training binding takes '{value}', which is no output of its graph",
    bindingTwice: "'{value}' is set by two training bindings",
  },
  advice: '',
});

export function checkReferences(model: Model, list: ProblemList): void {
  for (const graph of graphsOfModel(model)) {
    for (const { name } of graph.strayValueInfo)
      list.report(strayValueInfoRule, 'value', { value: name }, { graph, value: name });
    if (graph.quantizationAnnotations.length > 0) checkAnnotations(graph, list);
    for (const node of graph.nodes) {
      if (node.deviceConfigurations.length === 0) continue;
      const names = new Set([...node.inputs, ...node.outputs].map((value) => value?.name));
      for (const { shardingSpecs } of node.deviceConfigurations)
        for (const { tensorName } of shardingSpecs)
          if (!names.has(tensorName))
            list.report(danglingReferenceRule, 'sharding', { node: node.label, value: tensorName }, { node });
    }
  }
  for (const info of model.trainingInfo) checkTraining(model, info, list);
}

function checkAnnotations(graph: Graph, list: ProblemList): void {
  const names = namesIn(graph);
  const strays = new Set(graph.strayValueInfo.map(({ name }) => name));
  const isKnown = (name: string): boolean => names.has(name) && !strays.has(name);
  for (const { tensorName, parameters } of graph.quantizationAnnotations) {
    if (!isKnown(tensorName))
      list.report(danglingReferenceRule, 'annotation', { value: tensorName }, { graph, value: tensorName });
    for (const [, value] of parameters)
      if (!isKnown(value))
        list.report(danglingReferenceRule, 'parameter', { tensor: tensorName, value }, { graph, value });
  }
}

/** Names of the values that a graph defines. */
function namesIn(graph: Graph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const value of graph.inputs) names.add(value.name);
  for (const value of graph.initializers) names.add(value.name);
  for (const node of graph.nodes) for (const value of node.outputs) if (value !== undefined) names.add(value.name);
  return names;
}

/** onnx.proto, TrainingInfoProto: keys are initializers of the main graph or of the algorithm, values are outputs. */
function checkTraining(model: Model, info: TrainingInfo, list: ProblemList): void {
  const targets = new Set<string>();
  for (const graph of [model.graph, info.algorithm])
    for (const value of graph?.initializers ?? []) targets.add(value.name);
  const bindings = [
    [info.initializationBinding, info.initialization, info.initialization],
    [info.updateBinding, info.algorithm, model.graph],
  ] as const;
  for (const [binding, ...sources] of bindings) {
    const outputs = new Set(sources.flatMap((graph) => graph?.outputs.map(({ name }) => name) ?? []));
    const set = new Set<string>();
    for (const [target, source] of binding) {
      if (!targets.has(target))
        list.report(danglingReferenceRule, 'bindingTarget', { value: target }, { value: target });
      if (!outputs.has(source))
        list.report(danglingReferenceRule, 'bindingSource', { value: source }, { value: source });
      if (set.has(target)) list.report(danglingReferenceRule, 'bindingTwice', { value: target }, { value: target });
      set.add(target);
    }
  }
}
