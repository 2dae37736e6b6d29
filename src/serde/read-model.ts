import { invariant, type ModelError } from '../base/errors.ts';
import type { Attribute } from '../ir/attribute.ts';
import { Graph } from '../ir/graph.ts';
import {
  FunctionDefinition,
  Model,
  type ModelDeviceConfiguration,
  normalDomain,
  type TrainingInfo,
} from '../ir/model.ts';
import { NameScope } from '../ir/name-scope.ts';
import { InvalidModelError, type ProblemPlace } from '../ir/problem.ts';
import { Value } from '../ir/value.ts';
import { type ModelProto, onnx, type OperatorSetIdProto, type StringStringEntryProto } from '../wire/codec.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { field, layouts } from '../wire/fields.ts';
import { MAXIMUM_MESSAGE_BYTES } from '../wire/limits.ts';
import type { Skeleton } from '../wire/skeleton.ts';
import type { ChildField, Spans } from '../wire/split.ts';
import { ModelOrigin, Origin } from './origin.ts';
import type { ExternalPayload, LazyPayload } from './payloads.ts';
import { ReadContext, spansOf, spansOfAll } from './read-context.ts';
import { readModelConfigurations } from './read-device.ts';
import {
  defineValue,
  linkNodes,
  openNodes,
  readAttributes,
  readGraph,
  readValueInfos,
  Scope,
  setOrigin,
  type ValueEntry,
} from './read-graph.ts';
import { duplicateImport, functionHeader, impossibleImport, oversizedModel, undefinedValue } from './reading-rules.ts';

export interface ModelSnapshot {
  readonly metadataProps: ReadonlyMap<string, string>;
  readonly opsetImports: ReadonlyMap<string, number>;
  readonly functions: readonly FunctionDefinition[];
  readonly trainingInfo: readonly TrainingInfo[];
  readonly configurations: readonly ModelDeviceConfiguration[];
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: bigint | undefined;
  readonly docString: string | undefined;
}

export interface FunctionSnapshot {
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
  readonly opsetImports: ReadonlyMap<string, number>;
  readonly valueInfo: readonly ValueEntry[];
}

export interface ReadResult {
  readonly model: Model;
  /** Small payloads that are still to be brought into memory. */
  readonly pending: readonly LazyPayload[];
  /** Payloads in files of external data, none of which was looked at. */
  readonly externals: readonly ExternalPayload[];
}

export function readModel(skeleton: Skeleton, external: ExternalResolver | undefined): ReadResult {
  const context = new ReadContext(skeleton, external);
  const spans: Spans = [0, skeleton.bytes.byteLength];
  const message = context.open(layouts.model, onnx.ModelProto, spans, {});
  if (message === undefined) throw asError(context);
  const { parts, own } = message;
  context.irVersion = Number(own.irVersion ?? 0n);
  const size = skeleton.source.byteLength;
  if (size > MAXIMUM_MESSAGE_BYTES) context.report(oversizedModel, 'bytes', { size, limit: MAXIMUM_MESSAGE_BYTES }, {});
  const graphSpans = spansOfAll(parts, field.model.graph);
  invariant(graphSpans !== undefined, 'a skeleton has a graph');
  const names = new NameScope();
  const scope = new Scope();
  const graph = readGraph(context, graphSpans, { scope, names, path: [], depth: 0 });
  if (graph === undefined) throw asError(context);
  const functions: FunctionDefinition[] = [];
  const trainingInfo: TrainingInfo[] = [];
  for (const child of parts.children) {
    if (child.number === field.model.functions) functions.push(...readFunction(context, child));
    if (child.number === field.model.trainingInfo) trainingInfo.push(...readTrainingInfo(context, child, scope, names));
  }

  const model = new Model({
    irVersion: context.irVersion,
    opsetImports: readOpsetImports(context, own),
    graph,
    producerName: own.producerName ?? '',
    producerVersion: own.producerVersion ?? '',
    domain: own.domain ?? '',
    ...(typeof own.modelVersion === 'bigint' && { modelVersion: own.modelVersion }),
    docString: own.docString ?? undefined,
    metadataProps: context.metadata(own.metadataProps, 'the model', {}),
    functions,
    trainingInfo,
    configurations: readModelConfigurations(own.configuration),
    reading: { problems: context.problems, damagedNodes: context.damagedNodes },
  });
  setOrigin(model, new ModelOrigin<ModelSnapshot>(skeleton, spans, snapshotOf(model), external));
  return { model, pending: context.pending, externals: context.externals };
}

function snapshotOf(model: Model): ModelSnapshot {
  const { metadataProps, opsetImports, functions, trainingInfo, configurations } = model;
  const { irVersion, producerName, producerVersion, domain, modelVersion, docString } = model;
  return {
    ...{ metadataProps, opsetImports, functions, trainingInfo, configurations },
    ...{ irVersion, producerName, producerVersion, domain, modelVersion, docString },
  };
}

/** For a model of which nothing can be made. */
function asError({ problems, skeleton }: ReadContext): ModelError {
  return new InvalidModelError(problems, skeleton.source.name);
}

/** Below IR 3 there were no imports, and opset 1 was meant (IR.md, "Operator Sets"). */
function readOpsetImports(context: ReadContext, own: ModelProto): ReadonlyMap<string, number> {
  const imports = importsOf(context, own.opsetImport, {});
  if (imports.size === 0 && context.irVersion < 3) return new Map([['', 1]]);
  return imports;
}

const MAXIMUM_VERSION = 2 ** 31 - 1;

function importsOf(
  context: ReadContext,
  protos: readonly OperatorSetIdProto[] | undefined,
  place: ProblemPlace,
): ReadonlyMap<string, number> {
  const imports = new Map<string, number>();
  for (const proto of protos ?? []) {
    const key = normalDomain(proto.domain ?? '');
    const domain = key === '' ? 'ai.onnx' : key;
    const version = Number(proto.version ?? 0n);
    if (version < 1 || version > MAXIMUM_VERSION)
      context.report(impossibleImport, 'version', { domain, version: String(proto.version ?? 0n) }, place);
    const other = imports.get(key);
    if (other !== undefined)
      context.report(duplicateImport, 'domain', { domain, versions: `${other} and ${version}` }, place);
    imports.set(key, version);
  }
  return imports;
}

/** One function; none, and a problem, when the bytes are none. */
function readFunction(context: ReadContext, child: ChildField): FunctionDefinition[] {
  const spans = spansOf(child);
  const message = context.open(layouts.function, onnx.FunctionProto, spans, {});
  if (message === undefined) return [];
  const { parts, own } = message;
  const name = own.name ?? '';
  const place = { graph: [name] };
  if ((own.domain ?? undefined) === undefined && context.irVersion >= 8)
    context.report(functionHeader, 'noDomain', { function: name }, place);
  const names = new NameScope();
  const scope = new Scope();
  const body = new Graph({ name, names });
  const of = (number: number): ChildField[] => parts.children.filter((part) => part.number === number);
  const at = { scope, names, path: [name], depth: 0 };

  for (const input of own.input ?? []) {
    const value = new Value(input);
    defineValue(context, scope, value, place);
    body.addInput(value);
  }
  const pending = openNodes(context, scope, of(field.function.node), place);
  const { valueInfo, stray } = readValueInfos(context, scope, of(field.function.valueInfo), names, place);
  body.strayValueInfo = stray;
  linkNodes(context, body, pending, at);
  for (const output of own.output ?? []) {
    const value = scope.find(output);
    if (value === undefined && !scope.isIncomplete)
      context.report(undefinedValue, 'functionOutput', { value: output, function: name }, { ...place, value: output });
    body.addOutput(value ?? new Value(output));
  }
  const defaults: readonly Attribute[] = readAttributes(
    context,
    of(field.function.attributeProto),
    { ...place, node: name },
    at,
  );
  const definition = new FunctionDefinition({
    domain: own.domain ?? '',
    name,
    overload: own.overload ?? '',
    docString: own.docString ?? undefined,
    metadataProps: context.metadata(own.metadataProps, `function '${name}'`, place),
    opsetImports: importsOf(context, own.opsetImport, place),
    attributeNames: own.attribute ?? [],
    attributeDefaults: defaults,
    body,
  });
  for (const value of [...scope.values.values(), ...body.inputs]) value.changed = false;
  body.changed = false;
  const { docString, metadataProps, opsetImports } = definition;
  setOrigin(
    definition,
    new Origin<FunctionSnapshot>(context.skeleton, spans, { docString, metadataProps, opsetImports, valueInfo }),
  );
  return [definition];
}

/** A training graph is joined to the main graph and may use its values (onnx.proto, TrainingInfoProto.algorithm). */
function readTrainingInfo(context: ReadContext, child: ChildField, main: Scope, names: NameScope): TrainingInfo[] {
  const spans = spansOf(child);
  const message = context.open(layouts.trainingInfo, onnx.TrainingInfoProto, spans, {});
  if (message === undefined) return [];
  const { parts, own } = message;
  const algorithmScope = new Scope(main);
  const initializationScope = new Scope(main);
  const read = (number: number, scope: Scope): Graph | undefined => {
    const graphSpans = spansOfAll(parts, number);
    return graphSpans && readGraph(context, graphSpans, { scope, names, path: [], depth: 0 });
  };
  const initialization = read(field.trainingInfo.initialization, initializationScope);
  const algorithm = read(field.trainingInfo.algorithm, algorithmScope);
  const initializationBinding = pairsOf(own.initializationBinding);
  const updateBinding = pairsOf(own.updateBinding);
  for (const [name] of [...initializationBinding, ...updateBinding]) {
    const value = algorithmScope.find(name);
    if (value !== undefined) value.isMutable = true;
  }
  const origin = new Origin(context.skeleton, spans, undefined);
  const info: TrainingInfo = { initialization, algorithm, initializationBinding, updateBinding, origin };
  origin.object = info;
  return [info];
}

function pairsOf(entries: readonly StringStringEntryProto[] | undefined): readonly (readonly [string, string])[] {
  return (entries ?? []).map(({ key, value }) => [key ?? '', value ?? ''] as const);
}
