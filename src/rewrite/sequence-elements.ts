import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';

/** Longer sequences are built by no exporter; the walk stays short. */
const MAXIMUM_STEPS = 256;

/** The tensors of a sequence that the graph builds element by element; undefined when any of it is not known. */
export function sequenceElements(sequence: Value | undefined, context: RewriteContext): readonly Value[] | undefined {
  const changes: Node[] = [];
  let maker = sequence?.producer;
  while (maker?.operator === 'SequenceInsert' || maker?.operator === 'SequenceErase') {
    if (!context.isReadable(maker) || changes.length >= MAXIMUM_STEPS) return undefined;
    changes.push(maker);
    maker = maker.inputs[0]?.producer;
  }
  if (maker === undefined || !context.isReadable(maker)) return undefined;
  if (maker.operator !== 'SequenceConstruct' && maker.operator !== 'SequenceEmpty') return undefined;
  const elements: Value[] = maker.inputs.filter((input) => input !== undefined);
  for (const change of changes.reverse()) {
    const isInsert = change.operator === 'SequenceInsert';
    const position = change.inputs[isInsert ? 2 : 1];
    const given = position === undefined ? undefined : context.integers(position)?.[0];
    if (position !== undefined && given === undefined) return undefined;
    const last = isInsert ? elements.length : elements.length - 1;
    const at = given === undefined ? last : Number(given < 0n ? given + BigInt(elements.length) : given);
    if (at < 0 || at > last) return undefined;
    if (!isInsert) {
      elements.splice(at, 1);
      continue;
    }
    const tensor = change.inputs[1];
    if (tensor === undefined) return undefined;
    elements.splice(at, 0, tensor);
  }
  return elements;
}
