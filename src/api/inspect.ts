import { checkModel } from '../check/check-model.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';
import { printType } from '../text/print-type.ts';
import { tensorsOfModel } from '../serde/tensors-of-model.ts';
import { boundCopy, type ShapeBindings } from './bind-dims.ts';
import type { Finding } from '../lint/finding.ts';
import { findingOfProblem } from './problem-findings.ts';
import { externalFilesOf } from './external-files.ts';
import { countOperators } from './operator-counts.ts';

export interface ValueSummary {
  readonly name: string;
  /** In the notation of ONNX text: `float[batch,3,224,224]`; null when the model does not say. */
  readonly type: string | null;
}

/** What a model is made of. Numbers of nodes are over all graphs; only tensors' declared sizes are read, never their elements. */
export interface ModelSummary {
  readonly irVersion: number;
  /** Versions by domain; '' is ai.onnx. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: { readonly name: string; readonly version: string };
  readonly domain: string;
  readonly modelVersion: bigint | null;
  readonly graph: string;
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** dim_params of the graph's inputs, then those that occur in outputs only. */
  readonly symbols: readonly string[];
  readonly nodes: number;
  readonly subgraphs: number;
  readonly operators: readonly { readonly operator: string; readonly count: number }[];
  /** `bytes` is all tensors', attributes' included; `external` is the part that lies in other files. */
  readonly tensors: { readonly count: number; readonly bytes: number; readonly external: number };
  readonly functions: readonly {
    readonly domain: string;
    readonly name: string;
    readonly overload: string;
    readonly nodes: number;
  }[];
  readonly externalData: readonly { readonly location: string; readonly tensors: number; readonly bytes: number }[];
  readonly metadata: Readonly<Record<string, string>>;
  /** What is not valid in the model, as lint says it; nothing is inferred. */
  readonly problems: readonly Finding[];
}

/** With `bindings` the inputs and outputs are those that frozen dims lead to. The model is not changed. */
export function inspect(
  model: Model,
  { bindings }: { readonly bindings?: ShapeBindings | undefined } = {},
): ModelSummary {
  return summaryOf(boundCopy(model, bindings).model);
}

function summaryOf(model: Model): ModelSummary {
  const { graph } = model;
  const operators = [...countOperators(model)].map(([operator, count]) => ({ operator, count }));
  operators.sort((a, b) => b.count - a.count || (a.operator < b.operator ? -1 : 1));
  const tensors = { count: 0, bytes: 0, external: 0 };
  for (const { byteLength, external } of tensorsOfModel(model)) {
    tensors.count++;
    tensors.bytes += byteLength;
    if (external !== undefined) tensors.external += byteLength;
  }
  // From IR 4 on a graph input with an initializer is a default; before, every initializer was listed as an input.
  const inputs = graph.inputs.filter((value) => value.constant === undefined);
  const outputs = graph.outputs;
  const subgraphs = [...graphsOfModel(model)].filter(({ owner }) => owner !== undefined).length;
  return {
    irVersion: model.irVersion,
    opsets: Object.fromEntries(model.opsetImports),
    producer: { name: model.producerName, version: model.producerVersion },
    domain: model.domain,
    modelVersion: model.modelVersion ?? null,
    graph: graph.name,
    inputs: inputs.map(summarize),
    outputs: outputs.map(summarize),
    symbols: [...new Set([...inputs, ...outputs].flatMap(symbolsOf))],
    nodes: operators.reduce((sum, { count }) => sum + count, 0),
    subgraphs,
    operators,
    tensors,
    functions: model.functions.map(({ domain, name, overload, body }) => ({
      domain,
      name,
      overload,
      nodes: body.nodeCount,
    })),
    externalData: [...externalFilesOf(model)].map(([location, file]) => ({ location, ...file })),
    metadata: Object.fromEntries(model.metadataProps),
    problems: checkModel(model, undefined).map(findingOfProblem),
  };
}

function summarize({ name, type }: Value): ValueSummary {
  return { name, type: type === undefined ? null : printType(type) };
}

function symbolsOf({ type }: Value): string[] {
  if (type === undefined || (type.kind !== 'tensor' && type.kind !== 'sparse_tensor')) return [];
  return (type.shape ?? []).filter((dimension) => typeof dimension === 'string');
}
