import { dataTypeInfo } from '../ir/data-type.ts';
import { ComputedPayload, type Payload, ResidentPayload, type SparseTensor, type Tensor } from '../ir/tensor.ts';
import { onnx, type TensorProto } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import { Rope } from '../wire/rope.ts';
import { type Child, composeLike, copyOf } from './compose.ts';
import { Origin, originOf } from './origin.ts';
import { SourcePayload } from './payloads.ts';
import { entriesOf, optionalTextField, ownFields, type Placement, type WriteContext } from './write-context.ts';

/** TensorProto.DataLocation */
const EXTERNAL = 1;

/** True when the tensor is what its record says: the one that was read, or that one with its elements in memory. */
export function tensorIsClean(context: WriteContext, tensor: Tensor): boolean {
  if (context.placements.has(tensor)) return false;
  const { origin } = tensor;
  if (!(origin instanceof Origin)) return false;
  if (origin.object === tensor) return true;
  const read = origin.object as Tensor;
  return (
    tensor.name === read.name &&
    tensor.dataType === read.dataType &&
    tensor.dims === read.dims &&
    tensor.docString === read.docString &&
    tensor.metadataProps === read.metadataProps &&
    tensor.external === read.external &&
    !(tensor.payload instanceof ComputedPayload)
  );
}

/** True when the elements are written as a reference to a file of their own. Elements in memory go into the model. */
export function staysExternal(tensor: Tensor): boolean {
  const { payload } = tensor;
  return tensor.external !== undefined && !(payload instanceof ResidentPayload || payload instanceof ComputedPayload);
}

export function writeTensor(
  context: WriteContext,
  tensor: Tensor,
  moved: Placement | undefined = context.placements.get(tensor),
): Rope {
  if (tensorIsClean(context, tensor)) return copyOf(tensor.origin as Origin);
  const origin = originOf<undefined>(tensor);
  const own: TensorProto = ownFields(origin, layouts.tensor, onnx.TensorProto);
  if (origin === undefined) {
    own.dims = tensor.dims.map(BigInt);
    own.dataType = dataTypeInfo(tensor.dataType).code;
    own.name = tensor.name === '' ? null : tensor.name;
    own.docString = optionalTextField(tensor.docString);
    own.metadataProps = entriesOf(tensor.metadataProps);
    if (tensor.strings !== undefined) own.stringData = [...tensor.strings];
  }
  const placement = moved ?? (staysExternal(tensor) ? tensor.external : undefined);
  if (placement !== undefined && !(placement instanceof Rope)) {
    own.externalData = entriesOf(placement.entries);
    own.dataLocation = EXTERNAL;
    return composeLike(origin, layouts.tensor, onnx.TensorProto, own, []);
  }
  own.externalData = [];
  own.dataLocation = null;
  // A tensor without elements must carry no data (checker.cc).
  const isBare = tensor.strings !== undefined || tensor.payload.byteLength === 0;
  const elements: Child[] = isBare ? [] : [[field.tensor.rawData, placement ?? payloadRope(tensor.payload)]];
  return composeLike(origin, layouts.tensor, onnx.TensorProto, own, elements);
}

/** The raw bytes of a payload; a range of a file stays one, so that it is copied from file to file. */
export function payloadRope(payload: Payload): Rope {
  const rope = new Rope();
  if (payload.bytes !== undefined) return rope.bytes(payload.bytes);
  if (!(payload instanceof SourcePayload)) return rope.writable(payload);
  let rest = payload.byteLength;
  for (const [start, end] of payload.ranges) {
    const length = Math.min(end - start, rest);
    if (length > 0) rope.range(payload.source, start, start + length);
    rest -= length;
  }
  return rope;
}

export function sparseTensorIsClean(context: WriteContext, sparse: SparseTensor): boolean {
  return (
    originOf(sparse) !== undefined && tensorIsClean(context, sparse.values) && tensorIsClean(context, sparse.indices)
  );
}

/** `name` is that of the initializer, which the values bear; undefined for an attribute's tensor. */
export function writeSparseTensor(context: WriteContext, sparse: SparseTensor, name?: string): Rope {
  const values = name === undefined || sparse.values.name === name ? sparse.values : sparse.values.renamed(name);
  if (values === sparse.values && sparseTensorIsClean(context, sparse)) return copyOf(sparse.origin as Origin);
  const origin = originOf(sparse);
  const own = ownFields(origin, layouts.sparseTensor, onnx.SparseTensorProto);
  own.dims = sparse.dims.map(BigInt);
  return composeLike(origin, layouts.sparseTensor, onnx.SparseTensorProto, own, [
    // Under its new name it is another object, but its elements go where they were to go.
    [field.sparseTensor.values, writeTensor(context, values, context.placements.get(sparse.values))],
    [field.sparseTensor.indices, writeTensor(context, sparse.indices)],
  ]);
}
