/** Operands whose shapes do not go together, which an importer or its layer refuses. */
import { dimsText, type InputRow, type RowContext, words } from './row.ts';

/** Extents that neither agree nor are 1. */
function clash(a: number, b: number): boolean {
  return a > 1 && b > 1 && a !== b;
}

/** Kernel extents that the attribute and the filters give differently. */
function kernelMismatch({ attributes, input, node }: RowContext): string | undefined {
  const kernel = node.attributes.has('kernel_shape') ? attributes.numbers('kernel_shape') : undefined;
  const spatial = input(1)?.dims?.slice(2);
  const differs = kernel?.some((extent, axis) => (spatial?.[axis] ?? -1) >= 0 && extent !== spatial?.[axis]);
  return differs === true ? `of shape ${dimsText(input(1)?.dims)}` : undefined;
}

export const operandShapeRows: readonly InputRow[] = [
  {
    operators: words(
      'Add Sub Mul Div Greater Less GreaterOrEqual LessOrEqual Equal And Or Xor Pow Mod Min Max Sum Mean Where',
    ),
    constraint: 'helper-elementwise-broadcast',
    input: 1,
    accepted: 'operands that broadcast',
    refused: ({ input, node }) => {
      const shapes = node.inputs.flatMap((_, index) => {
        const dims = input(index)?.dims;
        return dims === undefined ? [] : [dims];
      });
      for (const [index, a] of shapes.entries())
        for (const b of shapes.slice(index + 1))
          if (a.some((dim, axis) => clash(dim, b[axis + b.length - a.length] ?? -1)))
            return `of shape ${dimsText(b)} beside ${dimsText(a)}`;
      return undefined;
    },
  },
  {
    operators: ['Concat'],
    constraint: 'concat-dims',
    input: 0,
    accepted: 'inputs that agree except along the axis',
    refused: ({ input, node, attributes }) => {
      const first = input(0)?.dims;
      const axis = attributes.number('axis') ?? 0;
      const along = axis < 0 ? axis + (first?.length ?? 0) : axis;
      for (const index of node.inputs.keys()) {
        const dims = input(index)?.dims;
        if (first === undefined || dims === undefined) continue;
        const differs =
          dims.length !== first.length ||
          dims.some((dim, at) => at !== along && dim >= 0 && (first[at] ?? -1) >= 0 && dim !== first[at]);
        if (differs) return `of shape ${dimsText(first)} beside ${dimsText(dims)}`;
      }
      return undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'conv-group-channels',
    input: 1,
    accepted: 'filters for as many channels as the data has',
    refused: ({ input, attributes }) => {
      const channels = input(0)?.dims?.[1] ?? -1;
      const each = input(1)?.dims?.[1] ?? -1;
      return channels >= 0 && each >= 0 && each * (attributes.number('group') ?? 1) !== channels
        ? `of shape ${dimsText(input(1)?.dims)}`
        : undefined;
    },
  },
  {
    operators: ['Conv'],
    constraint: 'conv-kernel-shape-mismatch',
    input: 1,
    accepted: 'filters of the extent of kernel_shape',
    refused: kernelMismatch,
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-kernel-mismatch',
    input: 1,
    accepted: 'filters of the extent of kernel_shape',
    refused: kernelMismatch,
  },
  {
    operators: ['ConvTranspose'],
    constraint: 'convtranspose-bias-shape',
    input: 2,
    accepted: 'a bias for each output channel',
    refused: ({ input, attributes }) => {
      const bias = input(2);
      const channels = (input(1)?.dims?.[1] ?? -1) * (attributes.number('group') ?? 1);
      return bias?.isWeights === true && channels >= 0 && (bias.rank !== 1 || bias.elementCount !== channels)
        ? `of shape ${dimsText(bias.dims)}`
        : undefined;
    },
  },
];
