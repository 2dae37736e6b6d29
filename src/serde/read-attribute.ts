import type { Attribute, AttributeKind, ValueAttribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Place } from '../base/errors.ts';
import { type AttributeProto, onnx } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import type { MessageParts, Spans } from '../wire/split.ts';
import { Origin } from './origin.ts';
import { type ReadContext, spansOf, spansOfAll } from './read-context.ts';
import { readSparseTensor, readTensor } from './read-tensor.ts';
import { readType } from './read-type.ts';
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

export type GraphReader = (spans: Spans) => Graph;

export function readAttribute(context: ReadContext, spans: Spans, place: Place, readGraph: GraphReader): Attribute {
  const { parts, own } = context.open(layouts.attribute, onnx.AttributeProto, spans);
  const origin = new Origin(context.skeleton, spans, undefined);
  const common = {
    name: own.name ?? '',
    ...(typeof own.docString === 'string' && { docString: own.docString }),
    origin,
  };
  const type = attributeKinds[own.type ?? 0];
  const refersTo = own.refAttrName ?? '';
  const attribute: Attribute =
    refersTo === ''
      ? ({ ...common, ...contents(context, own, parts, place, readGraph) } as ValueAttribute)
      : { ...common, kind: 'reference', refersTo, type };
  origin.object = attribute;
  return attribute;
}

function contents(
  context: ReadContext,
  own: AttributeProto,
  parts: MessageParts,
  place: Place,
  readGraph: GraphReader,
): { readonly kind: AttributeKind; readonly value: unknown } {
  const kind = attributeKinds[own.type ?? 0] ?? impliedKind(own, parts);
  const fail = (message: string, hint?: string): Error =>
    context.error(`attribute '${own.name ?? ''}' ${message}`, place, hint);
  if (kind === undefined) {
    // protobufjs puts an enum value that the schema lacks among the unknown fields.
    if (own.$unknowns !== undefined) throw fail('is of a kind that IR 14 does not have', 'a newer release may know it');
    // IR 1 had no type field, and there an empty list leaves no trace; no writer leaves a set scalar out.
    return { kind: 'ints', value: [] };
  }
  const all = (number: number): Spans[] => parts.children.filter((child) => child.number === number).map(spansOf);
  const one = (number: number): Spans => {
    const found = spansOfAll(parts, number);
    if (found === undefined) throw fail(`is of type ${kind}, but holds none`);
    return found;
  };
  switch (kind) {
    // A proto3 writer leaves zeros out.
    case 'float':
      return { kind, value: own.f ?? 0 };
    case 'int':
      return { kind, value: own.i ?? 0n };
    case 'string':
      return { kind, value: own.s?.slice() ?? new Uint8Array(0) };
    case 'floats':
      return { kind, value: own.floats ?? [] };
    case 'ints':
      return { kind, value: own.ints ?? [] };
    case 'strings':
      return { kind, value: (own.strings ?? []).map((text) => text.slice()) };
    case 'tensor':
      return { kind, value: readTensor(context, one(field.attribute.t), place) };
    case 'tensors':
      return { kind, value: all(field.attribute.tensors).map((spans) => readTensor(context, spans, place)) };
    case 'graph':
      return { kind, value: readGraph(one(field.attribute.g)) };
    case 'graphs':
      return { kind, value: all(field.attribute.graphs).map(readGraph) };
    case 'sparse_tensor':
      return { kind, value: readSparseTensor(context, one(field.attribute.sparseTensor), place) };
    case 'sparse_tensors':
      return {
        kind,
        value: all(field.attribute.sparseTensors).map((spans) => readSparseTensor(context, spans, place)),
      };
    case 'type_proto': {
      const value = readType(own.tp);
      if (value === undefined) throw fail('is of type type_proto, but holds none');
      return { kind, value };
    }
    case 'type_protos': {
      const value = (own.typeProtos ?? []).map((type): ValueType => {
        const read = readType(type);
        if (read === undefined) throw fail('holds an empty type');
        return read;
      });
      return { kind, value };
    }
  }
}

/** The kind of an attribute without a type: that of the field that is there. */
function impliedKind(own: AttributeProto, parts: MessageParts): AttributeKind | undefined {
  if (own.f !== null && own.f !== undefined) return 'float';
  if (own.i !== null && own.i !== undefined) return 'int';
  if (own.s !== null && own.s !== undefined) return 'string';
  if (own.tp !== null && own.tp !== undefined) return 'type_proto';
  if (own.floats !== undefined && own.floats.length > 0) return 'floats';
  if (own.ints !== undefined && own.ints.length > 0) return 'ints';
  if (own.strings !== undefined && own.strings.length > 0) return 'strings';
  if (own.typeProtos !== undefined && own.typeProtos.length > 0) return 'type_protos';
  const child = parts.children[0]?.number;
  const { t, g, tensors, graphs, sparseTensor, sparseTensors } = field.attribute;
  const kinds: readonly (readonly [number: number, kind: AttributeKind])[] = [
    [t, 'tensor'],
    [g, 'graph'],
    [tensors, 'tensors'],
    [graphs, 'graphs'],
    [sparseTensor, 'sparse_tensor'],
    [sparseTensors, 'sparse_tensors'],
  ];
  return kinds.find(([number]) => number === child)?.[1];
}
