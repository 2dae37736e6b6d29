import type { ModelDeviceConfiguration } from '../ir/model.ts';
import type { DeviceConfiguration, ShardingSpec } from '../ir/node.ts';
import type { DeviceConfigurationProto, NodeDeviceConfigurationProto, ShardingSpecProto } from '../wire/codec.ts';

const none: readonly never[] = [];

export function readDeviceConfigurations(
  protos: readonly NodeDeviceConfigurationProto[] | undefined,
): readonly DeviceConfiguration[] {
  if (protos === undefined || protos.length === 0) return none;
  return protos.map((proto) => ({
    configurationId: proto.configurationId ?? '',
    pipelineStage: proto.pipelineStage ?? undefined,
    shardingSpecs: (proto.shardingSpec ?? []).map(readShardingSpec),
  }));
}

function readShardingSpec(proto: ShardingSpecProto): ShardingSpec {
  return {
    tensorName: proto.tensorName ?? '',
    device: proto.device ?? [],
    indexToDeviceGroupMap: (proto.indexToDeviceGroupMap ?? []).map(({ key, value }) => ({
      key: key ?? 0n,
      value: value ?? [],
    })),
    shardedDims: (proto.shardedDim ?? []).map(({ axis, simpleSharding }) => ({
      axis: axis ?? 0n,
      simpleShardings: (simpleSharding ?? []).map(({ dimValue, dimParam, numShards }) => ({
        dim: dimValue ?? dimParam ?? undefined,
        numShards: numShards ?? 0n,
      })),
    })),
  };
}

export function readModelConfigurations(
  protos: readonly DeviceConfigurationProto[] | undefined,
): readonly ModelDeviceConfiguration[] {
  return (protos ?? []).map(({ name, numDevices, device }) => ({
    name: name ?? '',
    numDevices: numDevices ?? 0,
    devices: device ?? [],
  }));
}
