/** What we write for IR 8 and below, the package onnx-proto (its own schema, its own protobufjs) must read as the same. */
import { expect, test } from '@jest/globals';
import { onnx as independent } from 'onnx-proto';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { ModelProto } from '../../src/wire/codec.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import { bytesOfModel, everything } from '../support/protos.ts';

/** The model of all messages without what came after IR 8. */
function everythingOfIr8(): ModelProto {
  const { configuration: _, ...model } = everything();
  const graph = model.graph ?? {};
  const custom = graph.node?.[1] ?? {};
  for (const node of graph.node ?? []) {
    delete node.metadataProps;
    delete node.overload;
    delete node.deviceConfigurations;
  }
  custom.attribute = custom.attribute?.filter(({ name }) => name !== 'tps') ?? [];
  delete graph.metadataProps;
  for (const info of [...(graph.input ?? []), ...(graph.output ?? []), ...(graph.valueInfo ?? [])])
    delete info.metadataProps;
  for (const tensor of graph.initializer ?? []) delete tensor.metadataProps;
  for (const definition of model.functions ?? []) {
    delete definition.metadataProps;
    delete definition.overload;
    delete definition.valueInfo;
    delete definition.attributeProto;
  }
  return { ...model, irVersion: 8n };
}

function read(bytes: Uint8Array): unknown {
  return independent.ModelProto.toObject(independent.ModelProto.decode(bytes), { longs: String, bytes: String });
}

test('a model that is written unchanged, marked or encoded anew is the same to an independent reader', async () => {
  const bytes = bytesOfModel(everythingOfIr8());
  const expected = read(bytes);
  const model = await loadModel(new MemorySource(bytes));
  expect(read(await modelToBytes(model))).toEqual(expected);
  model.graph.touch();
  for (const node of model.graph.nodes) node.touch();
  expect(read(await modelToBytes(model))).toEqual(expected);
  forgetOrigins(model);
  const anew = JSON.stringify(read(await modelToBytes(model)), sorted);
  expect(JSON.parse(anew)).toEqual(JSON.parse(JSON.stringify(expected, sorted)));
});

/** Lists whose order says nothing, in one order; texts that are present and empty are left out. */
function sorted(key: string, value: unknown): unknown {
  if ((key === 'docString' || key === 'name') && value === '') return undefined;
  if (key !== 'valueInfo' || !Array.isArray(value)) return value;
  return [...(value as { name: string }[])].sort((a, b) => (a.name < b.name ? -1 : 1));
}
