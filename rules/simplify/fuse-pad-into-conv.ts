import { attribute, type Attribute, numberOf, op, refuse, rewrite, type RewriteContext } from '../../src/rule-kit.ts';
import type { Node } from '../../src/rule-kit.ts';

const READERS = ['Conv', 'MaxPool', 'AveragePool'];

/** The pads of the spatial axes, begins before ends; a reason when there is more to the Pad. */
function spatialPads(pad: Node, rank: number, context: RewriteContext): readonly bigint[] | string {
  const attributes = context.attributes(pad);
  const pads =
    context.opset < 11 ? (attributes.ints('pads') ?? attributes.ints('paddings')) : context.integers(pad.inputs[1]);
  const axes = pad.inputs[3] === undefined ? undefined : context.integers(pad.inputs[3]);
  if (pads === undefined || (pad.inputs[3] !== undefined && axes === undefined)) return 'its pads are not constant';
  const count = pads.length / 2;
  const all = Array.from({ length: 2 * rank }, () => 0n);
  for (let index = 0; index < count; index++) {
    const axis = Number(axes?.[index] ?? BigInt(index));
    const normal = axis < 0 ? axis + rank : axis;
    all[normal] = pads[index] ?? 0n;
    all[normal + rank] = pads[index + count] ?? 0n;
  }
  if (all.some((size) => size < 0n)) return 'it crops';
  if ([0, 1, rank, rank + 1].some((at) => all[at] !== 0n)) return 'it pads the batch or the channels';
  return [...all.slice(2, rank), ...all.slice(rank + 2)];
}

export default rewrite({
  id: 'fuse-pad-into-conv',
  summary: 'Let a Conv or a pooling do the padding of the Pad before it.',
  why: 'Frameworks that pad on one side only, TensorFlow above all, export it as a node of its own.',
  exact: true,
  since: 7,

  pattern: op('Pad', 'pad'),

  rewrite({ pad }, context) {
    const [x] = pad.inputs;
    const reader = pad.output.onlyUser;
    if (x === undefined || reader === undefined || reader.graph !== context.graph) return undefined;
    if (!READERS.includes(reader.operator) || reader.inputs[0] !== pad.output || !context.isReadable(reader))
      return undefined;
    if (reader.inputs.indexOf(pad.output, 1) > 0) return undefined;
    const rank = context.shape(x)?.length;
    if (rank === undefined || rank < 3) return undefined;
    const attributes = context.attributes(pad);
    if ((attributes.string('mode') ?? 'constant') !== 'constant') return refuse('it repeats or mirrors what it pads');
    const amounts = spatialPads(pad, rank, context);
    if (typeof amounts === 'string') return refuse(amounts);
    const own = context.attributes(reader);
    const mode = own.string('auto_pad') ?? 'NOTSET';
    if (mode !== 'NOTSET' && mode !== 'VALID') return refuse(`the ${reader.opType} chooses its padding itself`);
    const given = mode === 'VALID' ? undefined : own.ints('pads');
    const pads = amounts.map((amount, at) => amount + (given?.[at] ?? 0n));
    if (pads.some((amount) => amount > 2n ** 31n - 1n)) return undefined;
    const filled =
      context.opset < 11
        ? (attributes.float('value') ?? 0)
        : pad.inputs[2] === undefined
          ? 0
          : numberOf(context.tensor(pad.inputs[2]));
    const changes: Record<string, Attribute | undefined> = { pads: attribute.ints('pads', pads), auto_pad: undefined };
    if (reader.opType === 'Conv') {
      if (filled !== 0) return refuse('it does not pad with zeros');
    } else {
      if (own.int('ceil_mode') === 1n)
        return refuse('with ceil_mode, a window may begin in the padding, and then counts or not');
      const kernel = own.ints('kernel_shape') ?? [];
      if (pads.some((amount, at) => amount >= (kernel[at % kernel.length] ?? 0n)))
        return refuse('a window would lie in the padding alone');
      if (reader.opType === 'MaxPool') {
        if (filled !== -Infinity) return refuse('a MaxPool pads with what is less than everything');
        if (reader.outputs[1] !== undefined) return refuse('the MaxPool also puts out where it found what');
      } else {
        if (filled !== 0) return refuse('it does not pad with zeros');
        const counts = own.int('count_include_pad') === 1n;
        if (!counts && given?.some((amount) => amount !== 0n) === true)
          return refuse('the AveragePool counts the zeros of the Pad, but not its own');
        changes['count_include_pad'] = attribute.int('count_include_pad', 1);
      }
    }
    return context.replace(reader, context.like(reader, [x, ...reader.inputs.slice(1)], changes));
  },

  examples: [
    {
      title: 'padding on one side',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,4,4] y) <float[1,1,2,2] w = {1, 2, 3, 4}, int64[8] pads = {0, 0, 0, 0, 0, 0, 1, 1}> {
        p = Pad (x, pads)
        y = Conv (p, w)
      }`,
      after: `agraph (float[1,1,4,4] x) => (float[1,1,4,4] y) <float[1,1,2,2] w = {1, 2, 3, 4}> {
        y = Conv <pads = [0, 0, 1, 1]> (x, w)
      }`,
    },
    {
      title: 'added to what the Conv pads itself; axes are named',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,5,6] y) <
        float[1,1,2,2] w = {1, 2, 3, 4}, int64[2] pads = {1, 1}, int64[1] axes = {-1}, float zero = {0}> {
        p = Pad (x, pads, zero, axes)
        y = Conv <pads = [1, 0, 1, 1]> (p, w)
      }`,
      after: `agraph (float[1,1,4,4] x) => (float[1,1,5,6] y) <float[1,1,2,2] w = {1, 2, 3, 4}> {
        y = Conv <pads = [1, 1, 1, 2]> (x, w)
      }`,
    },
    {
      title: 'the zeros count in an average',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,5,5] y) <int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}> {
        p = Pad (x, pads)
        y = AveragePool <kernel_shape = [2, 2]> (p)
      }`,
      after: `agraph (float[1,1,4,4] x) => (float[1,1,5,5] y) {
        y = AveragePool <kernel_shape = [2, 2], pads = [1, 1, 1, 1], count_include_pad = 1> (x)
      }`,
    },
    {
      title: 'a maximum over zeros is not one over the picture',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,5,5] y) <int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}> {
        p = Pad (x, pads)
        y = MaxPool <kernel_shape = [2, 2]> (p)
      }`,
      after: 'unchanged',
      because: 'a MaxPool pads with what is less than everything',
    },
    {
      title: 'a Pad that crops',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,2,3] y) <float[1,1,2,2] w = {1, 2, 3, 4}, int64[8] pads = {0, 0, 0, 0, 0, 0, -1, 0}> {
        p = Pad (x, pads)
        y = Conv (p, w)
      }`,
      after: 'unchanged',
      because: 'it crops',
    },
  ],
});
