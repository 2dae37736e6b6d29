import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { attribute } from '../../src/ir/attribute.ts';
import type { Model } from '../../src/ir/model.ts';
import { Node } from '../../src/ir/node.ts';
import { int64Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { sameModel } from '../../src/text/compare.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { encodeOddly } from '../support/odd-encoding.ts';
import { bytesOfModel, everything } from '../support/protos.ts';
import { Random } from '../support/random.ts';
import { encodeTree, fieldOf, isMessage, type Message, parseMessage } from '../support/wire-tree.ts';

const models: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['every message of the schema', bytesOfModel(everything())],
  ...['gather_slice_concat', 'loop_if_script', 'yolov8_dfl_head'].map(
    (name) => [name, new Uint8Array(readFileSync(`samples/${name}.onnx`))] as const,
  ),
];
const ENCODINGS = 12;

const load = (bytes: Uint8Array, maximumResidentBytes?: number): Promise<Model> =>
  loadModel(new MemorySource(bytes), { maximumResidentBytes });

function parsed(bytes: Uint8Array): Message {
  const root = parseMessage('Model', bytes);
  if (root === undefined) throw new Error('these bytes are no model');
  return root;
}

/** Fields of a singular message, its pieces joined. */
function contentOf(parent: Message, number: number): Message {
  const pieces = parent.fields.flatMap((field) =>
    field.number === number && isMessage(field.value) ? [field.value] : [],
  );
  const name = pieces[0]?.name ?? 'Graph';
  return { name, fields: pieces.flatMap(({ fields }) => fields) };
}

/** Each field with its number and its exact bytes. */
function fieldTexts({ name, fields }: Message, without: readonly number[] = []): string[] {
  return fields
    .filter(({ number }) => !without.includes(number))
    .map((field) => `${field.number} ${Buffer.from(encodeTree({ name, fields: [field] })).toString('hex')}`);
}

/**
 * Expects that of `before` at most `changed` fields are gone or other ones, and at most as many new; what both have must be the
 * same bytes in the same order.
 */
function expectKept(before: readonly string[], after: readonly string[], changed: number): void {
  const common = (list: readonly string[], others: readonly string[]): string[] => {
    const left = new Map<string, number>();
    for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
    return list.filter((text) => {
      const count = left.get(text) ?? 0;
      left.set(text, count - 1);
      return count > 0;
    });
  };
  const kept = common(before, after);
  expect(common(after, before)).toEqual(kept);
  // A text that was written twice is written once when it changes.
  expect(before.length - kept.length).toBeLessThanOrEqual(changed === 0 ? 0 : changed + 1);
  expect(after.length - kept.length).toBeLessThanOrEqual(changed);
}

describe.each(models)('%s, however it is encoded', (_name, bytes) => {
  test.each([undefined, 0])('is the same model, and comes back byte for byte (resident %s)', async (resident) => {
    const original = await load(bytes);
    for (let seed = 0; seed < ENCODINGS; seed++) {
      const odd = encodeOddly(new Random(seed), bytes);
      const model = await load(odd, resident);
      expect(Buffer.compare(await modelToBytes(model), odd)).toBe(0);
      if (resident === undefined) expect(sameModel(model, original)).toBeUndefined();
    }
  });

  test('keeps everything but what a change is about', async () => {
    for (let seed = 0; seed < ENCODINGS; seed++) {
      for (const edit of edits) {
        const random = new Random(seed);
        const odd = encodeOddly(random, bytes);
        const model = await load(odd, random.pick([undefined, 0]));
        const place = edit(model, random);
        if (place === undefined) continue;
        const [before, after] = [parsed(odd), parsed(await modelToBytes(model))];
        // The graph's pieces become one where the first one was.
        expectKept(
          fieldTexts(before, place === 'graph' ? [7] : []),
          fieldTexts(after, place === 'graph' ? [7] : []),
          place === 'graph' ? 0 : 4,
        );
        expectKept(fieldTexts(contentOf(before, 7)), fieldTexts(contentOf(after, 7)), place === 'graph' ? 1 : 0);
        const again = await load(await modelToBytes(model));
        expect(again.graph.nodeCount).toBe(model.graph.nodeCount);
      }
    }
  });
});

/** Where the edit was, or undefined when the model has nothing of the kind. */
type Edit = (model: Model, random: Random) => 'graph' | 'model' | undefined;

const edits: readonly Edit[] = [
  function renameNode(model, random) {
    random.pick([...model.graph.nodes]).name = 'renamed';
    return 'graph';
  },
  function setAttribute(model, random) {
    random.pick([...model.graph.nodes]).setAttribute(attribute.int('added', 1));
    return 'graph';
  },
  function addNode(model, random) {
    const anchor = random.pick([...model.graph.nodes]);
    model.graph.insertBefore(
      new Node('Constant', [], [new Value('added')], { attributes: [attribute.int('value_int', 1)] }),
      anchor,
    );
    return 'graph';
  },
  function removeNode(model) {
    const unused = [...model.graph.nodes].find((node) => node.outputs.every((output) => output?.isUsed !== true));
    if (unused === undefined) return undefined;
    model.graph.remove(unused);
    return 'graph';
  },
  function replaceInitializer(model, random) {
    const values = [...model.graph.initializers].filter(({ initializer }) => initializer !== undefined);
    if (values.length === 0) return undefined;
    const value = random.pick(values);
    value.initializer = int64Tensor([1n, 2n, 3n], { name: value.name });
    return 'graph';
  },
  function nameGraph(model) {
    model.graph.name = 'another';
    return 'graph';
  },
  function setMetadata(model) {
    model.metadataProps = new Map([...model.metadataProps, ['added', 'entry']]);
    return 'model';
  },
  function setOpset(model) {
    model.opsetImports = new Map([...model.opsetImports, ['added', 1]]);
    return 'model';
  },
  function setProducer(model) {
    model.producerName = 'another';
    return 'model';
  },
];

test('what is changed in a node leaves its other fields as they are', async () => {
  const bytes = bytesOfModel(everything());
  for (let seed = 0; seed < ENCODINGS; seed++) {
    const odd = encodeOddly(new Random(seed), bytes);
    const model = await load(odd);
    const node = [...model.graph.nodes].find(({ opType }) => opType === 'Custom');
    node?.setAttribute(attribute.int('i', 7));
    const custom = (file: Uint8Array): Message => {
      const found = contentOf(parsed(file), 7).fields.find(
        ({ number, value }) =>
          number === 1 &&
          isMessage(value) &&
          Buffer.from((fieldOf(value, 4)?.value ?? new Uint8Array(0)) as Uint8Array).toString() === 'Custom',
      );
      if (found === undefined || !isMessage(found.value)) throw new Error('the node is gone');
      return found.value;
    };
    expectKept(fieldTexts(custom(odd)), fieldTexts(custom(await modelToBytes(model))), 1);
  }
});
