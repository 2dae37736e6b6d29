import { type DataType, dataTypeInfo } from '../ir/data-type.ts';
import type { Dimension, TensorType, ValueType } from '../ir/value-type.ts';
import type { TensorShapeProto_Dimension, TypeProto, TypeProto_Tensor } from '../wire/codec.ts';

export function writeType(type: ValueType): TypeProto {
  const proto = typeContents(type);
  if (type.denotation !== undefined) proto.denotation = type.denotation;
  return proto;
}

function typeContents(type: ValueType): TypeProto {
  switch (type.kind) {
    case 'tensor':
      return { tensorType: writeTensorType(type) };
    case 'sparse_tensor':
      return { sparseTensorType: writeTensorType(type) };
    case 'sequence':
      return { sequenceType: type.element === undefined ? {} : { elemType: writeType(type.element) } };
    case 'optional':
      return { optionalType: type.element === undefined ? {} : { elemType: writeType(type.element) } };
    case 'map':
      return {
        mapType: {
          ...(type.keyType !== undefined && { keyType: dataTypeInfo(type.keyType).code }),
          ...(type.valueType !== undefined && { valueType: writeType(type.valueType) }),
        },
      };
    case 'opaque':
      return {
        opaqueType: {
          ...(type.domain !== '' && { domain: type.domain }),
          ...(type.name !== '' && { name: type.name }),
        },
      };
  }
}

function writeTensorType({ dataType, shape, dimensionDenotations }: TensorType): TypeProto_Tensor {
  return {
    ...elementType(dataType),
    ...(shape !== undefined && {
      shape: { dim: shape.map((dimension, axis) => writeDimension(dimension, dimensionDenotations?.[axis])) },
    }),
  };
}

function elementType(dataType: DataType | undefined): TypeProto_Tensor {
  return dataType === undefined ? {} : { elemType: dataTypeInfo(dataType).code };
}

function writeDimension(dimension: Dimension, denotation: string | undefined): TensorShapeProto_Dimension {
  return {
    ...(typeof dimension === 'string' && { dimParam: dimension }),
    ...(dimension !== undefined && typeof dimension !== 'string' && { dimValue: BigInt(dimension) }),
    ...(denotation !== undefined && { denotation }),
  };
}
