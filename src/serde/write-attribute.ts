import { type Attribute, type AttributeKind, graphsOf } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { SparseTensor, Tensor } from '../ir/tensor.ts';
import { type AttributeProto, onnx } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import type { Rope } from '../wire/rope.ts';
import { composeLike, copyOf } from './compose.ts';
import { originOf } from './origin.ts';
import { attributeKinds } from './read-attribute.ts';
import { optionalTextField, ownFields, textField, type WriteContext } from './write-context.ts';
import { sparseTensorIsClean, tensorIsClean, writeSparseTensor, writeTensor } from './write-tensor.ts';
import { writeType } from './write-type.ts';

/** How graphs are written; handed in, since graphs hold attributes in turn. */
export interface GraphWriter {
  isClean(graph: Graph): boolean;
  write(graph: Graph): Rope;
}

export function tensorsOf(attribute: Attribute): readonly Tensor[] {
  if (attribute.kind === 'tensor') return [attribute.value];
  return attribute.kind === 'tensors' ? attribute.value : [];
}

export function sparseTensorsOf(attribute: Attribute): readonly SparseTensor[] {
  if (attribute.kind === 'sparse_tensor') return [attribute.value];
  return attribute.kind === 'sparse_tensors' ? attribute.value : [];
}

export function attributeIsClean(context: WriteContext, attribute: Attribute, graphs: GraphWriter): boolean {
  return (
    originOf(attribute) !== undefined &&
    tensorsOf(attribute).every((tensor) => tensorIsClean(context, tensor)) &&
    sparseTensorsOf(attribute).every((sparse) => sparseTensorIsClean(context, sparse)) &&
    graphsOf(attribute).every((graph) => graphs.isClean(graph))
  );
}

export function writeAttribute(context: WriteContext, attribute: Attribute, graphs: GraphWriter): Rope {
  const origin = originOf(attribute);
  if (origin !== undefined && attributeIsClean(context, attribute, graphs)) {
    return copyOf(origin);
  }
  const own: AttributeProto = ownFields(origin, layouts.attribute, onnx.AttributeProto);
  own.name = textField(own.name, attribute.name);
  own.docString = optionalTextField(attribute.docString);
  if (attribute.kind === 'reference') {
    own.refAttrName = attribute.refersTo;
    own.type = attribute.type === undefined ? null : attributeKinds.indexOf(attribute.type);
    return composeLike(origin, layouts.attribute, onnx.AttributeProto, own, []);
  }
  own.type = attributeKinds.indexOf(attribute.kind);
  if (origin === undefined) setScalars(own, attribute);
  return composeLike(origin, layouts.attribute, onnx.AttributeProto, own, childrenOf(context, attribute, graphs));
}

/** The fields that are not messages of their own. */
function setScalars(own: AttributeProto, attribute: Exclude<Attribute, { kind: 'reference' }>): void {
  switch (attribute.kind) {
    case 'float':
      own.f = attribute.value;
      break;
    case 'int':
      own.i = attribute.value;
      break;
    case 'string':
      own.s = attribute.value;
      break;
    case 'floats':
      own.floats = [...attribute.value];
      break;
    case 'ints':
      own.ints = [...attribute.value];
      break;
    case 'strings':
      own.strings = [...attribute.value];
      break;
    case 'type_proto':
      own.tp = writeType(attribute.value);
      break;
    case 'type_protos':
      own.typeProtos = attribute.value.map(writeType);
      break;
  }
}

function childrenOf(
  context: WriteContext,
  attribute: Attribute,
  graphs: GraphWriter,
): (readonly [number: number, content: Rope])[] {
  const numbers: Partial<Record<AttributeKind | 'reference', number>> = {
    tensor: field.attribute.t,
    tensors: field.attribute.tensors,
    graph: field.attribute.g,
    graphs: field.attribute.graphs,
    sparse_tensor: field.attribute.sparseTensor,
    sparse_tensors: field.attribute.sparseTensors,
  };
  const number = numbers[attribute.kind];
  if (number === undefined) return [];
  return [
    ...tensorsOf(attribute).map((tensor) => writeTensor(context, tensor)),
    ...sparseTensorsOf(attribute).map((sparse) => writeSparseTensor(context, sparse)),
    ...graphsOf(attribute).map((graph) => graphs.write(graph)),
  ].map((rope) => [number, rope] as const);
}
