import { dataTypeOfCode } from '../ir/data-type.ts';
import type { Dimension, TensorType, ValueType } from '../ir/value-type.ts';
import type { TensorShapeProto, TypeProto, TypeProto_Tensor } from '../wire/codec.ts';
import { MAXIMUM_RANK } from '../wire/limits.ts';

/** TypeProto as the IR has it; undefined when the message says nothing. protobufjs bounds how deep types nest. */
export function readType(proto: TypeProto | null | undefined): ValueType | undefined {
  if (proto === null || proto === undefined) return undefined;
  const denotation = typeof proto.denotation === 'string' ? { denotation: proto.denotation } : {};
  const { tensorType, sparseTensorType, sequenceType, optionalType, mapType, opaqueType } = proto;
  if (tensorType) return { ...readTensorType('tensor', tensorType), ...denotation };
  if (sparseTensorType) return { ...readTensorType('sparse_tensor', sparseTensorType), ...denotation };
  if (sequenceType) return { kind: 'sequence', element: readType(sequenceType.elemType), ...denotation };
  if (optionalType) return { kind: 'optional', element: readType(optionalType.elemType), ...denotation };
  if (mapType) {
    const { keyType, valueType } = mapType;
    return { kind: 'map', keyType: dataTypeOfCode(keyType ?? 0), valueType: readType(valueType), ...denotation };
  }
  if (opaqueType) {
    return { kind: 'opaque', domain: opaqueType.domain ?? '', name: opaqueType.name ?? '', ...denotation };
  }
  return undefined;
}

function readTensorType(kind: TensorType['kind'], proto: TypeProto_Tensor): TensorType {
  const { shape } = proto;
  // A type is told, not needed: one that no tensor can have says as much as none.
  const dims = (shape?.dim?.length ?? 0) > MAXIMUM_RANK ? undefined : shape?.dim;
  return {
    kind,
    dataType: dataTypeOfCode(proto.elemType ?? 0),
    shape: dims?.map(readDimension),
    ...denotations(shape),
  };
}

function denotations(shape: TensorShapeProto | null | undefined): Pick<TensorType, 'dimensionDenotations'> {
  const list = shape?.dim?.map(({ denotation }) => denotation ?? undefined);
  return list?.some((denotation) => denotation !== undefined) === true ? { dimensionDenotations: list } : {};
}

/**
 * Old exporters wrote -1 for a dimension they did not know; that is unknown here
 * (the file's own bytes stay as they are while the value's type is not changed).
 */
function readDimension(proto: { readonly dimValue?: bigint | null; readonly dimParam?: string | null }): Dimension {
  const { dimValue, dimParam } = proto;
  if (dimValue !== null && dimValue !== undefined) {
    const number = Number(dimValue);
    if (number < 0) return undefined;
    return Number.isSafeInteger(number) ? number : dimValue;
  }
  return dimParam === null || dimParam === undefined || dimParam === '' ? undefined : dimParam;
}
