import { normalDomain } from '../ir/model.ts';
import type { DeviceConfiguration, Node, ShardingSpec } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { encodeMessage, type NodeDeviceConfigurationProto, onnx, type ShardingSpecProto } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import { composeMessage, Rope } from '../wire/rope.ts';
import { composeLike, copyOf } from './compose.ts';
import { originOf } from './origin.ts';
import type { NodeSnapshot } from './read-graph.ts';
import { attributeIsClean, type GraphWriter, writeAttribute } from './write-attribute.ts';
import { entriesOf, isSame, optionalTextField, ownFields, textField, type WriteContext } from './write-context.ts';
import { writeSparseTensor, writeTensor } from './write-tensor.ts';

export function nodeIsClean(context: WriteContext, node: Node, graphs: GraphWriter): boolean {
  if (node.changed) return false;
  const origin = originOf<NodeSnapshot>(node);
  if (origin === undefined) return false;
  if (!isSame<NodeSnapshot>(node, origin.snapshot, ['name', 'docString', 'metadataProps', 'deviceConfigurations'])) {
    return false;
  }
  for (const held of node.attributes.values()) if (!attributeIsClean(context, held, graphs)) return false;
  return true;
}

export function writeNode(context: WriteContext, node: Node, graphs: GraphWriter): Rope {
  const origin = originOf<NodeSnapshot>(node);
  if (origin !== undefined && nodeIsClean(context, node, graphs)) {
    return copyOf(origin);
  }
  const own = ownFields(origin, layouts.node, onnx.NodeProto);
  own.input = node.inputs.map((value) => value?.name ?? '');
  own.output = node.outputs.map((value) => value?.name ?? '');
  own.name = textField(own.name, node.name);
  own.opType = textField(own.opType, node.opType);
  if (normalDomain(own.domain ?? '') !== node.domain) own.domain = node.domain === '' ? null : node.domain;
  own.overload = textField(own.overload, node.overload);
  own.docString = optionalTextField(node.docString);
  if (node.metadataProps !== origin?.snapshot.metadataProps) own.metadataProps = entriesOf(node.metadataProps);
  if (node.deviceConfigurations !== origin?.snapshot.deviceConfigurations) {
    own.deviceConfigurations = node.deviceConfigurations.map(writeDeviceConfiguration);
  }
  const attributes = [...node.attributes.values()].map((held) => writeAttribute(context, held, graphs));
  return composeLike(
    origin,
    layouts.node,
    onnx.NodeProto,
    own,
    attributes.map((rope) => [field.node.attribute, rope] as const),
  );
}

/** An initializer as the Constant node that stands for it in a function body, which has no initializers. */
export function writeConstantNode(context: WriteContext, value: Value): Rope {
  const { initializer, sparseInitializer } = value;
  const own = encodeMessage(onnx.NodeProto, { output: [value.name], opType: 'Constant' });
  const type = initializer === undefined ? 'sparse_tensor' : 'tensor';
  const name = initializer === undefined ? 'sparse_value' : 'value';
  const head = encodeMessage(onnx.AttributeProto, { name, type: type === 'tensor' ? 4 : 11 });
  const content =
    initializer !== undefined
      ? ([field.attribute.t, writeTensor(context, initializer)] as const)
      : ([
          field.attribute.sparseTensor,
          sparseInitializer === undefined ? new Rope() : writeSparseTensor(context, sparseInitializer),
        ] as const);
  return composeMessage(own, [[field.node.attribute, composeMessage(head, [content])]]);
}

export function writeDeviceConfiguration(configuration: DeviceConfiguration): NodeDeviceConfigurationProto {
  const { configurationId, pipelineStage, shardingSpecs } = configuration;
  return {
    configurationId: configurationId === '' ? null : configurationId,
    pipelineStage: pipelineStage ?? null,
    shardingSpec: shardingSpecs.map(writeShardingSpec),
  };
}

function writeShardingSpec({
  tensorName,
  device,
  indexToDeviceGroupMap,
  shardedDims,
}: ShardingSpec): ShardingSpecProto {
  return {
    tensorName: tensorName === '' ? null : tensorName,
    device: [...device],
    indexToDeviceGroupMap: indexToDeviceGroupMap.map(({ key, value }) => ({ key, value: [...value] })),
    shardedDim: shardedDims.map(({ axis, simpleShardings }) => ({
      axis,
      simpleSharding: simpleShardings.map(({ dim, numShards }) => ({
        ...(typeof dim === 'bigint' && { dimValue: dim }),
        ...(typeof dim === 'string' && { dimParam: dim }),
        numShards,
      })),
    })),
  };
}
