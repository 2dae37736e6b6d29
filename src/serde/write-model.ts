import type { FunctionDefinition, Model, TrainingInfo } from '../ir/model.ts';
import { normalDomain } from '../ir/model.ts';
import { onnx, type OperatorSetIdProto } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import { Rope } from '../wire/rope.ts';
import { composeLike, copyOf } from './compose.ts';
import { originOf } from './origin.ts';
import type { FunctionSnapshot, ModelSnapshot } from './read-model.ts';
import { attributeIsClean, type GraphWriter, writeAttribute } from './write-attribute.ts';
import { entriesOf, isSame, optionalTextField, ownFields, textField, type WriteContext } from './write-context.ts';
import { contentsAreClean, graphWriter, writeValueInfos } from './write-graph.ts';
import { writeConstantNode, writeNode } from './write-node.ts';

/** The bytes of the model: what did not change, and nothing below it, as ranges of its source; the rest encoded anew. */
export function writeModel(model: Model, context: WriteContext): Rope {
  const graphs = graphWriter(context);
  const origin = originOf<ModelSnapshot>(model);
  const snapshot = origin?.snapshot;
  if (
    origin !== undefined &&
    !model.changed &&
    isSame<ModelSnapshot>(model, origin.snapshot, Object.keys(origin.snapshot) as (keyof ModelSnapshot)[]) &&
    graphs.isClean(model.graph) &&
    model.functions.every((definition) => functionIsClean(context, definition, graphs)) &&
    model.trainingInfo.every((info) => trainingInfoIsClean(info, graphs))
  ) {
    return new Rope().range(origin.skeleton.source, 0, origin.skeleton.source.byteLength);
  }

  const own = ownFields(origin, layouts.model, onnx.ModelProto);
  if (model.irVersion !== snapshot?.irVersion) own.irVersion = BigInt(model.irVersion);
  if (model.opsetImports !== snapshot?.opsetImports)
    own.opsetImport = writeImports(model.opsetImports, own.opsetImport);
  own.producerName = textField(own.producerName, model.producerName);
  own.producerVersion = textField(own.producerVersion, model.producerVersion);
  own.domain = textField(own.domain, model.domain);
  own.modelVersion = model.modelVersion ?? null;
  own.docString = optionalTextField(model.docString);
  if (model.metadataProps !== snapshot?.metadataProps) own.metadataProps = entriesOf(model.metadataProps);
  if (model.configurations !== snapshot?.configurations) {
    own.configuration = model.configurations.map(({ name, numDevices, devices }) => ({
      name: name === '' ? null : name,
      numDevices,
      device: [...devices],
    }));
  }
  return composeLike(origin, layouts.model, onnx.ModelProto, own, [
    [field.model.graph, graphs.write(model.graph)],
    ...model.trainingInfo.map((info) => [field.model.trainingInfo, writeTrainingInfo(info, graphs)] as const),
    ...model.functions.map(
      (definition) => [field.model.functions, writeFunction(context, definition, graphs)] as const,
    ),
  ]);
}

/** Keeps the spelling ('' or 'ai.onnx'), the order and the unknown fields of the entries that are there. */
function writeImports(
  imports: ReadonlyMap<string, number>,
  own: readonly OperatorSetIdProto[] | undefined,
): OperatorSetIdProto[] {
  const last = new Map((own ?? []).map((entry) => [normalDomain(entry.domain ?? ''), entry]));
  const kept = [...last].filter(([domain]) => imports.has(domain)).map(([, entry]) => entry);
  for (const entry of kept) entry.version = BigInt(imports.get(normalDomain(entry.domain ?? '')) ?? 0);
  const there = new Set(kept.map(({ domain }) => normalDomain(domain ?? '')));
  const added = [...imports].filter(([domain]) => !there.has(domain));
  return [...kept, ...added.map(([domain, version]) => ({ domain, version: BigInt(version) }))];
}

function functionIsClean(context: WriteContext, definition: FunctionDefinition, graphs: GraphWriter): boolean {
  const origin = originOf<FunctionSnapshot>(definition);
  if (origin === undefined || definition.changed || definition.body.changed) return false;
  return (
    isSame<Omit<FunctionSnapshot, 'valueInfo'>>(definition, origin.snapshot, [
      'docString',
      'metadataProps',
      'opsetImports',
    ]) &&
    contentsAreClean(context, definition.body, graphs) &&
    definition.attributeDefaults.every((held) => attributeIsClean(context, held, graphs))
  );
}

function writeFunction(context: WriteContext, definition: FunctionDefinition, graphs: GraphWriter): Rope {
  const origin = originOf<FunctionSnapshot>(definition);
  if (origin !== undefined && functionIsClean(context, definition, graphs)) {
    return copyOf(origin);
  }
  const { body } = definition;
  const snapshot = origin?.snapshot;
  const own = ownFields(origin, layouts.function, onnx.FunctionProto);
  own.name = textField(own.name, definition.name);
  own.domain = textField(own.domain, definition.domain);
  own.overload = textField(own.overload, definition.overload);
  own.input = body.inputs.map(({ name }) => name);
  own.output = body.outputs.map(({ name }) => name);
  own.attribute = [...definition.attributeNames];
  own.docString = optionalTextField(definition.docString);
  if (definition.opsetImports !== snapshot?.opsetImports) {
    own.opsetImport = writeImports(definition.opsetImports, own.opsetImport);
  }
  if (definition.metadataProps !== snapshot?.metadataProps) own.metadataProps = entriesOf(definition.metadataProps);
  const constants = [...body.initializers].map((value) => writeConstantNode(context, value));
  const nodes = [...constants, ...[...body.nodes].map((node) => writeNode(context, node, graphs))];
  const defaults = definition.attributeDefaults.map((held) => writeAttribute(context, held, graphs));
  const valueInfo = writeValueInfos(body, snapshot?.valueInfo, new Set());
  return composeLike(origin, layouts.function, onnx.FunctionProto, own, [
    ...nodes.map((rope) => [field.function.node, rope] as const),
    ...defaults.map((rope) => [field.function.attributeProto, rope] as const),
    ...valueInfo.map((rope) => [field.function.valueInfo, rope] as const),
  ]);
}

function trainingInfoIsClean(info: TrainingInfo, graphs: GraphWriter): boolean {
  const { initialization, algorithm } = info;
  return (
    originOf(info) !== undefined &&
    (initialization === undefined || graphs.isClean(initialization)) &&
    (algorithm === undefined || graphs.isClean(algorithm))
  );
}

function writeTrainingInfo(info: TrainingInfo, graphs: GraphWriter): Rope {
  const origin = originOf(info);
  if (origin !== undefined && trainingInfoIsClean(info, graphs)) {
    return copyOf(origin);
  }
  const { initialization, algorithm, initializationBinding, updateBinding } = info;
  const own = ownFields(origin, layouts.trainingInfo, onnx.TrainingInfoProto);
  if (origin === undefined) {
    own.initializationBinding = entriesOf(initializationBinding);
    own.updateBinding = entriesOf(updateBinding);
  }
  const { initialization: first, algorithm: second } = field.trainingInfo;
  return composeLike(origin, layouts.trainingInfo, onnx.TrainingInfoProto, own, [
    ...(initialization === undefined ? [] : [[first, graphs.write(initialization)] as const]),
    ...(algorithm === undefined ? [] : [[second, graphs.write(algorithm)] as const]),
  ]);
}
