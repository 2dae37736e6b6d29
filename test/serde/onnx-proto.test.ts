/** What we write for IR 8 and below, the package onnx-proto (its own schema, its own protobufjs) must read as the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { onnx as independent } from 'onnx-proto';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify } from '../../src/api/simplify.ts';
import { graphsOfModel } from '../../src/ir/model.ts';
import { readModelFile } from '../../src/platform/node.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { ModelProto, TensorProto } from '../../src/wire/codec.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import { bytesOfModel, everything, modelOfBytes } from '../support/protos.ts';

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

/** Elements in every field of their own; encoded anew they become raw_data. */
const typedTensors: readonly TensorProto[] = [
  { name: 'floats', dims: [2n], dataType: 1, floatData: [0.5, -0] },
  { name: 'halves', dims: [3n], dataType: 10, int32Data: [0x3c00, 0, 0x7c00] },
  { name: 'integers', dims: [2n], dataType: 7, int64Data: [-1n, 9223372036854775807n] },
  { name: 'doubles', dims: [1n], dataType: 11, doubleData: [0.1] },
  { name: 'naturals', dims: [2n], dataType: 13, uint64Data: [0n, 18446744073709551615n] },
];

function withTypedTensors(model: ModelProto): ModelProto {
  return { ...model, graph: { ...model.graph, initializer: [...(model.graph?.initializer ?? []), ...typedTensors] } };
}

function read(bytes: Uint8Array): unknown {
  return independent.ModelProto.toObject(independent.ModelProto.decode(bytes), { longs: String, bytes: String });
}

test('a model that is written unchanged, marked or encoded anew is the same to an independent reader', async () => {
  for (const proto of [withTypedTensors(everythingOfIr8()), everythingOfIr8()]) {
    const bytes = bytesOfModel(proto);
    const expected = read(bytes);
    const model = await loadModel(new MemorySource(bytes));
    expect(read(await modelToBytes(model))).toEqual(expected);
    for (const graph of graphsOfModel(model)) {
      graph.touch();
      for (const node of graph.nodes) node.touch();
    }
    expect(read(await modelToBytes(model))).toEqual(expected);
    if (proto.graph?.initializer?.some(({ name }) => name === 'floats') === true) continue;
    forgetOrigins(model);
    const anew = JSON.stringify(read(await modelToBytes(model)), sorted);
    expect(JSON.parse(anew)).toEqual(JSON.parse(JSON.stringify(expected, sorted)));
  }
});

/** Lists whose order says nothing, in one order; texts that are present and empty are left out. */
function sorted(key: string, value: unknown): unknown {
  if ((key === 'docString' || key === 'name') && value === '') return undefined;
  if (key !== 'valueInfo' || !Array.isArray(value)) return value;
  return [...(value as { name: string }[])].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A message as the independent reader holds it: its fields are those of its prototype, its own properties those it read. */
type Message = Record<string, unknown>;

function fieldsOf(message: Message): string[] {
  return Object.keys(Object.getPrototypeOf(message) as object).filter((key) => key !== 'toJSON');
}

function isMessage(value: unknown): value is Message {
  // Not its numbers: those of 64 bits are objects too.
  return typeof value === 'object' && value !== null && 'toJSON' in value && !(value instanceof Uint8Array);
}

function* messagesIn(value: unknown): IterableIterator<Message> {
  if (Array.isArray(value)) for (const item of value) yield* messagesIn(item);
  else if (isMessage(value)) {
    yield value;
    for (const key of Object.keys(value)) yield* messagesIn(value[key]);
  }
}

/** Every message of the schema of IR 8 by its prototype; one inside another is called `Outer.Inner`. */
function schemaOfIr8(): ReadonlyMap<object, string> {
  const messages = new Map<object, string>();
  const add = (holder: object, prefix: string): void => {
    for (const [name, member] of Object.entries(holder)) {
      if (typeof member !== 'function' || !('decode' in member)) continue;
      messages.set(member.prototype as object, prefix + name);
      add(member, `${prefix}${name}.`);
    }
  };
  add(independent, '');
  return messages;
}

test('the model of all messages has every field of every message of IR 8', () => {
  const seen = new Map<string, Set<string>>();
  const schema = schemaOfIr8();
  const decoded = independent.ModelProto.decode(bytesOfModel(withTypedTensors(everythingOfIr8())));
  for (const message of messagesIn(decoded)) {
    const name = schema.get(Object.getPrototypeOf(message) as object) ?? 'a message without a name';
    const keys = seen.get(name) ?? new Set();
    for (const key of Object.keys(message)) keys.add(key);
    seen.set(name, keys);
  }
  const missing = [...schema].flatMap(([prototype, name]) =>
    fieldsOf(Object.create(prototype) as Message)
      .filter((key) => seen.get(name)?.has(key) !== true)
      .map((key) => `${name}.${key}`),
  );
  expect(schema.size).toBeGreaterThan(15);
  // A tensor in segments is refused: no tool reads one.
  expect(missing).toEqual(['TensorProto.segment', 'TensorProto.Segment.begin', 'TensorProto.Segment.end']);
});

/** Where two readers of the same bytes differ; fields that came after IR 8 are not looked at. */
function differences(ours: unknown, theirs: unknown, path: string): string[] {
  if (Array.isArray(theirs) || Array.isArray(ours)) {
    const [a, b] = [ours ?? [], theirs ?? []] as [unknown[], unknown[]];
    if (a.length !== b.length) return [`${path}: ${a.length} and ${b.length} items`];
    return b.flatMap((item, index) => differences(a[index], item, `${path}[${index}]`));
  }
  if (isMessage(theirs)) {
    if (typeof ours !== 'object' || ours === null) return [`${path}: missing`];
    return fieldsOf(theirs).flatMap((key) => {
      const own = Object.hasOwn(theirs, key) ? theirs[key] : undefined;
      return differences((ours as Message)[key], own, `${path}.${key}`);
    });
  }
  if (theirs instanceof Uint8Array && ours instanceof Uint8Array)
    return Buffer.compare(theirs, ours) === 0 ? [] : [`${path}: other bytes`];
  return String(ours ?? '') === String(theirs ?? '') ? [] : [`${path}: ${String(ours)} and ${String(theirs)}`];
}

describe.each(readdirSync('samples').filter((name) => name.endsWith('.onnx')))('samples/%s', (name) => {
  test('is to an independent reader what it is to us, before and after simplify', async () => {
    const path = join('samples', name);
    const model = await readModelFile(path);
    const untouched = await modelToBytes(model);
    expect(Buffer.compare(untouched, readFileSync(path))).toBe(0);
    const { nodes } = simplify(model);
    const simplified = await modelToBytes(model, { externalData: 'inline' });
    forgetOrigins(model);
    const anew = await modelToBytes(model, { externalData: 'inline' });
    for (const bytes of [untouched, simplified, anew]) {
      const theirs = independent.ModelProto.decode(bytes);
      expect(differences(modelOfBytes(bytes), theirs, 'model')).toEqual([]);
    }
    const other = differences(modelOfBytes(untouched), independent.ModelProto.decode(simplified), 'model');
    expect(other.length > 0).toBe(nodes.after < nodes.before);
    const [a, b] = [simplified, anew].map((bytes) => independent.ModelProto.decode(bytes));
    expect(a?.graph?.node?.length).toBe(b?.graph?.node?.length);
    const opTypes = (message: typeof a): unknown => message?.graph?.node?.map(({ opType, output }) => [opType, output]);
    expect(opTypes(a)).toEqual(opTypes(b));
  });
});
