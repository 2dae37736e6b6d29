import { childMessage, type Field, type Message, messagesIn } from '../support/wire-tree.ts';

/** Fields that hold numbers. */
export function numbersOf(root: Message): Field[] {
  return messagesIn(root).flatMap(({ fields }) => fields.filter(({ value }) => typeof value === 'bigint'));
}

/** Elements of a tensor are bytes, and no texts. */
const elementFields: ReadonlySet<number> = new Set([4, 5, 7, 9, 10, 11]);

/** Fields that hold texts, as far as the schema tells them from messages and elements. */
export function textsOf(root: Message): Field[] {
  return messagesIn(root).flatMap(({ name, fields }) =>
    fields.filter(
      ({ number, wireType, value }) =>
        wireType === 2 &&
        value instanceof Uint8Array &&
        childMessage(name, number) === undefined &&
        !(name === 'Tensor' && elementFields.has(number)),
    ),
  );
}
