import { arrayOf, isStringData, ndarray, tensorOf } from '../fold/array.ts';
import type { Node } from '../ir/node.ts';
import { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { uniformElement } from './uniform.ts';

/** What keeps a tensor of one number all over one, whatever it does to the dims. */
const MOVES: ReadonlySet<string> = new Set([
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

/** From a use to where its elements come from; longer chains are rare. */
const MAXIMUM_MOVES = 8;

/**
 * The scalar that every element of a value is, though its dims may be known at run time only: a ConstantOfShape, a constant of one
 * number all over, and what is made of these by moving them about. Undefined for all else, and for types that are no plain numbers.
 */
export function fillOf(value: Value, context: RewriteContext): Tensor | undefined {
  let at: Value | undefined = value;
  for (let moves = 0; at !== undefined && moves <= MAXIMUM_MOVES; moves++) {
    const tensor = context.tensor(at);
    if (tensor !== undefined) return scalarOf(tensor);
    const producer: Node | undefined = at.producer;
    if (producer === undefined || !context.isReadable(producer)) return undefined;
    if (producer.operator === 'ConstantOfShape') {
      const element = context.attributes(producer).tensor('value');
      return element === undefined ? new Tensor('float', [], new Uint8Array(4)) : scalarOf(element);
    }
    if (!MOVES.has(producer.operator)) return undefined;
    at = producer.inputs[0];
  }
  return undefined;
}

function scalarOf(tensor: Tensor): Tensor | undefined {
  if (uniformElement(tensor) === undefined) return undefined;
  const { dataType, data } = arrayOf(tensor);
  return isStringData(data) ? undefined : tensorOf(ndarray(dataType, [], data.slice(0, 1)));
}
