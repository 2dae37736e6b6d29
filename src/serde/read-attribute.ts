import type { Attribute, AttributeKind, ValueAttribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { ProblemPlace } from '../ir/problem.ts';
import { type AttributeProto, onnx } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import type { MessageParts, Spans } from '../wire/split.ts';
import { Origin } from './origin.ts';
import { type ReadContext, spansOf, spansOfAll } from './read-context.ts';
import { readSparseTensor, readTensor } from './read-tensor.ts';
import { readType } from './read-type.ts';
import { attributeContents } from './reading-rules.ts';
import type { ValueType } from '../ir/value-type.ts';

/** AttributeProto.AttributeType */
export const attributeKinds: readonly (AttributeKind | undefined)[] = [
  undefined,
  'float',
  'int',
  'string',
  'tensor',
  'graph',
  'floats',
  'ints',
  'strings',
  'tensors',
  'graphs',
  'sparse_tensor',
  'sparse_tensors',
  'type_proto',
  'type_protos',
];

export type GraphReader = (spans: Spans) => Graph | undefined;

/** Undefined, and a problem, when the attribute holds nothing that can be read. */
export function readAttribute(
  context: ReadContext,
  spans: Spans,
  place: ProblemPlace,
  readGraph: GraphReader,
): Attribute | undefined {
  const message = context.open(layouts.attribute, onnx.AttributeProto, spans, place);
  if (message === undefined) return undefined;
  const { parts, own } = message;
  const origin = new Origin(context.skeleton, spans, undefined);
  const name = own.name ?? '';
  if (name === '') context.report(attributeContents, 'noName', {}, place);
  const common = {
    name,
    ...(typeof own.docString === 'string' && { docString: own.docString }),
    origin,
  };
  const type = attributeKinds[own.type ?? 0];
  const refersTo = own.refAttrName ?? '';
  const held = heldKinds(own, parts);
  let attribute: Attribute;
  if (refersTo === '') {
    const contents = contentsOf(context, own, parts, held, place, readGraph);
    if (contents === undefined) return undefined;
    attribute = { ...common, ...contents } as ValueAttribute;
  } else {
    if (held.length > 0)
      context.report(attributeContents, 'valueAndReference', { attribute: name, refersTo }, place, { effect: 'keep' });
    attribute = { ...common, kind: 'reference', refersTo, type };
  }
  origin.object = attribute;
  return attribute;
}

function contentsOf(
  context: ReadContext,
  own: AttributeProto,
  parts: MessageParts,
  held: readonly AttributeKind[],
  place: ProblemPlace,
  readGraph: GraphReader,
): { readonly kind: AttributeKind; readonly value: unknown } | undefined {
  const attribute = own.name ?? '';
  const kind = attributeKinds[own.type ?? 0] ?? held[0];
  if (kind === undefined) {
    // protobufjs puts an enum value that the schema lacks among the unknown fields.
    if (own.$unknowns !== undefined || (own.type ?? 0) !== 0) {
      context.report(attributeContents, 'unknownKind', { attribute }, place);
      return undefined;
    }
    // IR 1 had no type field, and there an empty list leaves no trace; no writer leaves a set scalar out.
    return { kind: 'ints', value: [] };
  }
  const other = held.find((candidate) => candidate !== kind);
  if (other !== undefined && !held.includes(kind)) {
    context.report(attributeContents, 'holdsOther', { attribute, kind, other }, place);
    return undefined;
  }
  if (other !== undefined)
    context.report(attributeContents, 'severalValues', { attribute, kind, other }, place, { effect: 'keep' });
  if ((own.type ?? 0) === 0 && context.irVersion >= 2)
    context.report(attributeContents, 'noType', { attribute, kind }, place, { effect: 'keep' });
  const value = valueOf(context, own, parts, kind, place, readGraph);
  return value === undefined ? undefined : { kind, value };
}

function valueOf(
  context: ReadContext,
  own: AttributeProto,
  parts: MessageParts,
  kind: AttributeKind,
  place: ProblemPlace,
  readGraph: GraphReader,
): ValueAttribute['value'] | undefined {
  const attribute = own.name ?? '';
  const all = (number: number): Spans[] => parts.children.filter((child) => child.number === number).map(spansOf);
  const one = <Read>(number: number, read: (spans: Spans) => Read | undefined): Read | undefined => {
    const found = spansOfAll(parts, number);
    if (found === undefined) context.report(attributeContents, 'holdsNone', { attribute, kind }, place);
    return found && read(found);
  };
  const tensor = (spans: Spans) => readTensor(context, spans, place).tensor;
  const sparseTensor = (spans: Spans) => readSparseTensor(context, spans, place).tensor;
  switch (kind) {
    // A proto3 writer leaves zeros out.
    case 'float':
      return own.f ?? 0;
    case 'int':
      return own.i ?? 0n;
    case 'string':
      return own.s?.slice() ?? new Uint8Array(0);
    case 'floats':
      return own.floats ?? [];
    case 'ints':
      return own.ints ?? [];
    case 'strings':
      return (own.strings ?? []).map((text) => text.slice());
    case 'tensor':
      return one(field.attribute.t, tensor);
    case 'tensors':
      return allOrNone(all(field.attribute.tensors).map(tensor));
    case 'graph':
      return one(field.attribute.g, readGraph);
    case 'graphs':
      return allOrNone(all(field.attribute.graphs).map(readGraph));
    case 'sparse_tensor':
      return one(field.attribute.sparseTensor, sparseTensor);
    case 'sparse_tensors':
      return allOrNone(all(field.attribute.sparseTensors).map(sparseTensor));
    case 'type_proto': {
      const value = readType(own.tp);
      if (value === undefined) context.report(attributeContents, 'holdsNone', { attribute, kind }, place);
      return value;
    }
    case 'type_protos': {
      const types = allOrNone((own.typeProtos ?? []).map((type): ValueType | undefined => readType(type)));
      if (types === undefined) context.report(attributeContents, 'emptyType', { attribute }, place);
      return types;
    }
  }
}

function allOrNone<Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined {
  return items.includes(undefined) ? undefined : (items as readonly Item[]);
}

/** The kinds of values that are there, whatever the type says. */
function heldKinds(own: AttributeProto, parts: MessageParts): readonly AttributeKind[] {
  const kinds: AttributeKind[] = [];
  if (own.f !== null && own.f !== undefined) kinds.push('float');
  if (own.i !== null && own.i !== undefined) kinds.push('int');
  if (own.s !== null && own.s !== undefined) kinds.push('string');
  if (own.tp !== null && own.tp !== undefined) kinds.push('type_proto');
  if (own.floats !== undefined && own.floats.length > 0) kinds.push('floats');
  if (own.ints !== undefined && own.ints.length > 0) kinds.push('ints');
  if (own.strings !== undefined && own.strings.length > 0) kinds.push('strings');
  if (own.typeProtos !== undefined && own.typeProtos.length > 0) kinds.push('type_protos');
  for (const { number } of parts.children) {
    const kind = childKinds.get(number);
    if (kind !== undefined && !kinds.includes(kind)) kinds.push(kind);
  }
  return kinds;
}

const childKinds: ReadonlyMap<number, AttributeKind> = new Map([
  [field.attribute.t, 'tensor'],
  [field.attribute.g, 'graph'],
  [field.attribute.tensors, 'tensors'],
  [field.attribute.graphs, 'graphs'],
  [field.attribute.sparseTensor, 'sparse_tensor'],
  [field.attribute.sparseTensors, 'sparse_tensors'],
]);
