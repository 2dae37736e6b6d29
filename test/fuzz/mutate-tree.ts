/** Mutations of a model that know the messages of ONNX, so that what comes out often gets past the reader. */
import { operatorNames } from '../../src/opset/schema.ts';
import type { Random } from '../support/random.ts';
import {
  bytesField,
  copyField,
  encodeTree,
  type Field,
  fieldOf,
  isMessage,
  type Message,
  type MessageName,
  messagesIn,
  varintBytes,
  varintField,
} from '../support/wire-tree.ts';
import { oddNumbers } from './mutate-bytes.ts';
import { numbersOf, textsOf } from './tree-places.ts';

/** What a mutation works on. `donor` is another model. */
export interface Patient {
  readonly root: Message;
  readonly donor: Message;
  readonly random: Random;
}

type TreeMutation = (patient: Patient) => void;

function anyMessage({ root, random }: Patient, name?: MessageName): Message | undefined {
  const messages = messagesIn(root).filter((message) => name === undefined || message.name === name);
  return messages.length === 0 ? undefined : random.pick(messages);
}

/** A message that has fields, and the index of one of them. */
function anyField(patient: Patient, name?: MessageName): { message: Message; index: number; field: Field } | undefined {
  const messages = messagesIn(patient.root).filter(
    (message) => message.fields.length > 0 && (name === undefined || message.name === name),
  );
  if (messages.length === 0) return undefined;
  const message = patient.random.pick(messages);
  const index = patient.random.below(message.fields.length);
  const field = message.fields[index];
  return field && { message, index, field };
}

const mutations: readonly TreeMutation[] = [
  function removeField(patient) {
    const place = anyField(patient);
    place?.message.fields.splice(place.index, 1);
  },
  function repeatField(patient) {
    const place = anyField(patient);
    if (place === undefined) return;
    const { value } = place.field;
    const most = Math.min(300, Math.floor(5000 / (isMessage(value) ? messagesIn(value).length : 1)));
    const copies = patient.random.chance(0.9) ? 1 : 1 + patient.random.below(most);
    place.message.fields.splice(place.index, 0, ...Array.from({ length: copies }, () => place.field));
  },
  function shuffleFields({ root, random }) {
    const { fields } = random.pick(messagesIn(root));
    for (let i = fields.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [fields[i], fields[j]] = [fields[j] as Field, fields[i] as Field];
    }
  },
  function moveField(patient) {
    const from = anyField(patient);
    const to = anyMessage(patient, patient.random.chance(0.7) ? from?.message.name : undefined);
    // A message must not come to lie in itself.
    if (from === undefined || to === undefined || isMessage(from.field.value)) return;
    from.message.fields.splice(from.index, 1);
    to.fields.splice(patient.random.below(to.fields.length + 1), 0, from.field);
  },
  function takeFromOther(patient) {
    const { donor, random } = patient;
    const target = anyMessage(patient);
    if (target === undefined) return;
    const fields = messagesIn(donor).flatMap((message) => (message.name === target.name ? message.fields : []));
    if (fields.length === 0) return;
    const field = copyField(random.pick(fields));
    const same = target.fields.findIndex(({ number }) => number === field.number);
    if (same >= 0 && random.chance(0.7)) target.fields.splice(same, 1, field);
    else target.fields.splice(random.below(target.fields.length + 1), 0, field);
  },
  function changeNumber({ root, random }) {
    const places = numbersOf(root);
    if (places.length === 0) return;
    const field = random.pick(places);
    const value = typeof field.value === 'bigint' ? field.value : 0n;
    field.value = random.chance(0.5) ? random.pick(oddNumbers) : value + BigInt(random.below(9) - 4);
  },
  function changeText({ root, random }) {
    const texts = textsOf(root);
    if (texts.length === 0) return;
    const field = random.pick(texts);
    const others: readonly (() => Uint8Array)[] = [
      // A name that is another's already.
      () => random.pick(texts).value as Uint8Array,
      () => random.pick(texts).value as Uint8Array,
      () => new Uint8Array(0),
      () => Buffer.from('\0'),
      () => Uint8Array.of(0xff, 0xfe, 0x80),
      () => Uint8Array.of(0xed, 0xa0, 0x80),
      () => Buffer.from('__proto__'),
      () => Buffer.from('ai.onnx'),
      () => Buffer.from('a'.repeat(random.pick([300, 70_000]))),
      () =>
        Buffer.from(random.pick(['N', 'N*2', '((N - 1)//2) + 1', '2**N', `${'('.repeat(500)}N`, 'min(N, 0)', '0*N'])),
      () => random.bytes(random.below(12)),
    ];
    field.value = random.pick(others)();
  },
  function changeOperator(patient) {
    const node = anyMessage(patient, 'Node');
    const { random, root } = patient;
    const field = node && fieldOf(node, 4);
    if (node === undefined || field === undefined) return;
    const names = operatorNames('');
    field.value = Buffer.from(random.pick(names));
    const version = fieldOf(root, 8)?.value;
    if (random.chance(0.3) && isMessage(version)) version.fields.push(varintField(2, BigInt(1 + random.below(30))));
  },
  function changeInputs(patient) {
    const node = anyMessage(patient, 'Node');
    const names = messagesIn(patient.root).flatMap(({ name, fields }) =>
      name === 'Node' ? fields.filter(({ number }) => number === 1 || number === 2) : [],
    );
    if (node === undefined || names.length === 0) return;
    const { random } = patient;
    for (let count = 1 + random.below(3); count > 0; count--) {
      const { value } = random.pick(names);
      const input: Field = { number: 1, wireType: 2, value: random.chance(0.1) ? new Uint8Array(0) : value };
      const inputs = node.fields.filter(({ number }) => number === 1);
      if (inputs.length > 0 && random.chance(0.6)) random.pick(inputs).value = input.value;
      else node.fields.push(input);
    }
  },
  function changeDims(patient) {
    const tensor = anyMessage(patient, patient.random.chance(0.8) ? 'Tensor' : 'SparseTensor');
    if (tensor === undefined) return;
    const { random } = patient;
    const number = tensor.name === 'Tensor' ? 1 : 3;
    const kept = tensor.fields.filter((field) => field.number !== number);
    const small = random.chance(0.5);
    const length = random.chance(0.95) ? random.below(6) : random.pick([100, 5000]);
    const dims = Array.from({ length }, () => (small ? BigInt(random.below(4)) : random.pick(oddNumbers)));
    const isPacked = random.chance(0.3);
    const fields = isPacked
      ? [bytesField(number, Buffer.concat(dims.map((dim) => varintBytes(dim))))]
      : dims.map((dim) => varintField(number, dim));
    tensor.fields.splice(0, tensor.fields.length, ...fields, ...kept);
  },
  function changeElements(patient) {
    const tensor = anyMessage(patient, 'Tensor');
    if (tensor === undefined) return;
    const { random } = patient;
    const number = random.pick([4, 5, 6, 7, 9, 9, 9, 10, 11]);
    const content = random.bytes(random.pick([0, 1, 7, 8, 16, 64, 5000]));
    const count = random.chance(0.9) ? 1 : random.below(50);
    const field: Field =
      number === 9 || random.chance(0.6) ? bytesField(number, content) : varintField(number, random.pick(oddNumbers));
    if (random.chance(0.5)) {
      const kept = tensor.fields.filter((other) => other.number !== number);
      tensor.fields.splice(0, tensor.fields.length, ...kept);
    }
    tensor.fields.push(...Array.from({ length: count }, () => field));
    if (random.chance(0.3)) tensor.fields.push(varintField(2, BigInt(random.below(30))));
  },
  function makeExternal(patient) {
    const tensor = anyMessage(patient, 'Tensor');
    if (tensor === undefined) return;
    const { random } = patient;
    const number = (): string => random.pick([() => String(random.pick(oddNumbers)), () => ' 12 ', () => '1e3'])();
    const locations = ['weights', 'weights', '../weights', '/dev/zero', 'C:\\weights', 'a\0b', '', './weights', 'none'];
    const entry = (key: string, value: string): Field =>
      bytesField(13, { name: 'Entry', fields: [bytesField(1, key), bytesField(2, value)] });
    tensor.fields.push(varintField(14, 1n), entry('location', random.pick(locations)));
    if (random.chance(0.6)) tensor.fields.push(entry('offset', number()));
    if (random.chance(0.6)) tensor.fields.push(entry('length', number()));
  },
  function changeAttribute(patient) {
    const attribute = anyMessage(patient, 'Attribute');
    if (attribute === undefined) return;
    const { random } = patient;
    const floats = [0, -0, NaN, Infinity, -Infinity, 1e38, 1e-45, -1, 0.5];
    const float = (): Uint8Array => new Uint8Array(Float32Array.of(random.pick(floats)).buffer);
    const integer = (): bigint => (random.chance(0.5) ? BigInt(random.below(12) - 4) : random.pick(oddNumbers));
    const changes: readonly (() => Field[])[] = [
      () => [{ number: 2, wireType: 5, value: float() }, varintField(20, 1n)],
      () => [varintField(3, integer()), varintField(20, 2n)],
      () => [
        ...Array.from({ length: random.below(8) }, () => ({ number: 7, wireType: 5, value: float() })),
        varintField(20, 6n),
      ],
      () => [...Array.from({ length: random.below(8) }, () => varintField(8, integer())), varintField(20, 7n)],
      () => [bytesField(4, random.bytes(random.below(5))), varintField(20, 3n)],
      () => [bytesField(21, 'alpha')],
      () => [varintField(20, BigInt(random.below(18)))],
    ];
    if (random.chance(0.6)) {
      const kept = attribute.fields.filter(({ number }) => number === 1);
      attribute.fields.splice(0, attribute.fields.length, ...kept);
    }
    attribute.fields.push(...random.pick(changes)());
  },
  function changeWireType(patient) {
    const place = anyField(patient);
    if (place === undefined) return;
    const { field } = place;
    const { random } = patient;
    const wireType = random.pick([0, 1, 2, 5, 3]);
    if (wireType === 0) field.value = random.pick(oddNumbers);
    else if (wireType === 1) field.value = random.bytes(8);
    else if (wireType === 5) field.value = random.bytes(4);
    else if (!(field.value instanceof Uint8Array))
      field.value = random.chance(0.5) ? new Uint8Array(0) : random.bytes(9);
    field.wireType = wireType;
  },
  function padNumbers(patient) {
    const { random } = patient;
    for (let count = 1 + random.below(10); count > 0; count--) {
      const field = anyField(patient)?.field;
      if (field === undefined) return;
      if (random.chance(0.3)) field.tagPadding = random.below(10);
      if (random.chance(0.7)) field.valuePadding = random.below(11);
    }
  },
  function lieAboutLength(patient) {
    const field = anyField(patient)?.field;
    if (field === undefined || field.wireType !== 2) return;
    const { random } = patient;
    const { value } = field;
    const length = typeof value === 'bigint' ? 0 : isMessage(value) ? encodeTree(value).byteLength : value.byteLength;
    const near = Math.max(0, length + random.below(9) - 4);
    field.length = random.chance(0.5) ? BigInt(near) : random.pick(oddNumbers);
  },
  function addUnknown(patient) {
    const message = anyMessage(patient);
    if (message === undefined) return;
    const { random } = patient;
    const number = random.pick([3, 17, 99, 1000, 536_870_911, 536_870_912]);
    const values: readonly (() => Field)[] = [
      () => varintField(number, random.pick(oddNumbers)),
      () => bytesField(number, random.bytes(random.below(20))),
      () => ({ number, wireType: 5, value: random.bytes(4) }),
      () => ({ number, wireType: 1, value: random.bytes(8) }),
      () => ({ number, wireType: 3, value: random.chance(0.5) ? new Uint8Array(0) : encodeTree(message) }),
    ];
    message.fields.splice(random.below(message.fields.length + 1), 0, random.pick(values)());
  },
  function nestDeeply(patient) {
    const { random } = patient;
    const depth = random.pick([5, 30, 33, 34, 50, 99, 101, 400, 3000]);
    const bombs: readonly { readonly in: MessageName; readonly number: number; readonly path: readonly number[] }[] = [
      // A sequence of sequences, a subgraph in a subgraph, a map of maps, optionals.
      { in: 'ValueInfo', number: 2, path: [1, 4] },
      { in: 'Node', number: 5, path: [6, 1, 5] },
      { in: 'ValueInfo', number: 2, path: [2, 5] },
      { in: 'Attribute', number: 14, path: [1, 9] },
    ];
    const bomb = random.pick(bombs);
    const message = anyMessage(patient, bomb.in);
    if (message === undefined) return;
    let content: Uint8Array = Buffer.from([0x0a, 1, 0x62]);
    for (let level = 0; level < depth; level++) {
      const number = bomb.path[level % bomb.path.length] ?? 1;
      content = Buffer.concat([varintBytes(BigInt(number * 8 + 2)), varintBytes(BigInt(content.byteLength)), content]);
    }
    if (random.chance(0.2)) {
      const groups = Buffer.alloc(2 * depth, 0x0b).fill(0x0c, depth);
      content = groups;
    }
    message.fields.push(bytesField(bomb.number, content));
  },
  function makeConstant(patient) {
    const graph = anyMessage(patient, 'Graph');
    if (graph !== undefined) makeInputsConstant(patient, graph);
  },
];

/**
 * Gives inputs of a graph random elements, as initializers, and puts a node behind every output: then all of the graph can be
 * folded.
 */
function makeInputsConstant({ random }: Patient, graph: Message): void {
  for (const field of [...graph.fields]) {
    if (field.number !== 11 || !isMessage(field.value) || random.chance(0.2)) continue;
    const name = fieldOf(field.value, 1)?.value;
    if (!(name instanceof Uint8Array)) continue;
    const { dataType, dims } = typeIn(random, field.value);
    const count = dims.reduce((product, dim) => product * dim, 1);
    const element = random.chance(0.5) ? () => random.below(4) : () => random.below(256);
    const elements = Uint8Array.from({ length: Math.min(count * 16, 4096) }, (_, index) =>
      index % 8 === 0 ? element() : random.chance(0.02) ? 255 : 0,
    );
    graph.fields.splice(graph.fields.indexOf(field), random.chance(0.9) ? 1 : 0);
    graph.fields.push(
      bytesField(5, {
        name: 'Tensor',
        fields: [
          ...dims.map((dim) => varintField(1, BigInt(dim))),
          varintField(2, dataType),
          bytesField(8, name),
          bytesField(9, elements),
        ],
      }),
    );
  }
  putNodesBehindOutputs(graph);
}

export function putNodesBehindOutputs(graph: Message): void {
  for (const { number, value } of [...graph.fields]) {
    if (number !== 12 || !isMessage(value)) continue;
    const name = fieldOf(value, 1);
    if (!(name?.value instanceof Uint8Array)) continue;
    const behind = Buffer.concat([name.value, Buffer.from('.out')]);
    const fields = [bytesField(1, name.value), bytesField(2, behind), bytesField(4, 'Neg')];
    graph.fields.push(bytesField(1, { name: 'Node', fields }));
    name.value = behind;
  }
}

function typeIn(random: Random, info: Message): { readonly dataType: bigint; readonly dims: readonly number[] } {
  const tensorType = messagesIn(info).find(({ name }) => name === 'TensorType');
  const elementType = tensorType === undefined ? undefined : fieldOf(tensorType, 1)?.value;
  const dimensions = messagesIn(info).filter(({ name }) => name === 'Dimension');
  return {
    dataType: typeof elementType === 'bigint' ? elementType : BigInt(1 + random.below(16)),
    dims: dimensions.slice(0, 8).map((dimension) => {
      const value = fieldOf(dimension, 1)?.value;
      return typeof value === 'bigint' && value < 1000n ? Number(value) : random.below(4);
    }),
  };
}

export function mutateTree(patient: Patient): void {
  patient.random.pick(mutations)(patient);
}
