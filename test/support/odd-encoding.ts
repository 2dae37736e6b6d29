/** The same model in other bytes: everything that protobuf lets a writer choose. */
import type { Random } from './random.ts';
import {
  bytesField,
  encodeTree,
  type Field,
  isMessage,
  type Message,
  messagesIn,
  parseMessage,
  varintBytes,
  varintField,
} from './wire-tree.ts';

/** Fields of one number keep their order, since it means something; fields of different numbers come in any. */
function mixNumbers(random: Random, { fields }: Message): void {
  const queues = new Map<number, Field[]>();
  for (const field of fields) queues.set(field.number, [...(queues.get(field.number) ?? []), field]);
  const order = fields.map(({ number }) => number);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  fields.splice(0, fields.length, ...order.flatMap((number) => queues.get(number)?.shift() ?? []));
}

function addUnknown(random: Random, { fields }: Message): void {
  const unknown: readonly Field[] = [
    varintField(1000, BigInt(random.below(1000))),
    bytesField(99, random.bytes(5)),
    { number: 77, wireType: 3, value: encodeTree({ name: 'Entry', fields: [bytesField(1, 'in a group')] }) },
    { number: 98, wireType: 5, value: random.bytes(4) },
    // A number that the schema has, in a type that it does not have there.
    { number: 1, wireType: 5, value: random.bytes(4) },
    { number: 536_870_911, wireType: 1, value: random.bytes(8) },
  ];
  fields.splice(random.below(fields.length + 1), 0, random.pick(unknown));
}

/** Singular texts, by message: of several the last counts. */
const singularTexts: Readonly<Partial<Record<Message['name'], number>>> = { Model: 2, Graph: 2, Node: 3, Tensor: 12 };

function repeatText({ name, fields }: Message): void {
  const number = singularTexts[name];
  const first = fields.findIndex((field) => field.number === number);
  if (number !== undefined && first >= 0) fields.splice(first, 0, bytesField(number, 'said before, and taken back'));
}

/** Lists of numbers may be packed or not, whatever the schema says. */
function repack({ name, fields }: Message): void {
  const number = name === 'Tensor' ? 1 : name === 'Attribute' ? 8 : undefined;
  const entries = fields.filter((field) => field.number === number && typeof field.value === 'bigint');
  const first = entries[0];
  if (number === undefined || first === undefined) return;
  const packed = bytesField(number, Buffer.concat(entries.map(({ value }) => varintBytes(value as bigint))));
  fields.splice(fields.indexOf(first), 1, packed);
  for (const entry of entries) if (entry !== first) fields.splice(fields.indexOf(entry), 1);
}

/** A singular message in two pieces, which are merged. */
function splitMessage(random: Random, { name, fields }: Message): void {
  const numbers = name === 'Model' ? [7] : name === 'Attribute' ? [5, 6] : name === 'SparseTensor' ? [1, 2] : [];
  const field = fields.find(({ number, value }) => numbers.includes(number) && isMessage(value));
  if (field === undefined || !isMessage(field.value)) return;
  const rest = field.value.fields.splice(random.below(field.value.fields.length + 1));
  const second = bytesField(field.number, { name: field.value.name, fields: rest });
  fields.splice(fields.indexOf(field) + 1 + random.below(fields.length - fields.indexOf(field)), 0, second);
}

/** Another encoding of a model that all readers take for the same. */
export function encodeOddly(random: Random, bytes: Uint8Array): Uint8Array {
  const root = parseMessage('Model', bytes);
  if (root === undefined) throw new Error('these bytes are no model');
  for (const message of messagesIn(root)) {
    if (random.chance(0.4)) splitMessage(random, message);
    if (random.chance(0.3)) repack(message);
    if (random.chance(0.2)) repeatText(message);
    if (random.chance(0.3) && message.name !== 'Type' && message.name !== 'Dimension') mixNumbers(random, message);
    if (random.chance(0.2)) addUnknown(random, message);
    for (const field of message.fields) {
      if (random.chance(0.1)) field.tagPadding = random.below(3);
      if (random.chance(0.1)) field.valuePadding = random.below(4);
    }
  }
  // A tag fits five bytes, so it cannot be padded far.
  for (const { fields } of messagesIn(root))
    for (const field of fields) if (field.number > 1000) delete field.tagPadding;
  return encodeTree(root);
}
