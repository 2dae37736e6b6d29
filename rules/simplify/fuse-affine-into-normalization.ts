import {
  channelNumbers,
  constant,
  doublesOf,
  floatTensor,
  oneOfNodes,
  op,
  refuse,
  rewrite,
  sameShape,
  type Tensor,
} from '../../src/rule-kit.ts';

const NORMALIZATIONS = ['LayerNormalization', 'RMSNormalization', 'InstanceNormalization', 'GroupNormalization'];

/** One number of `operand` for each of `scale`, however it broadcasts; undefined when it is of another shape. */
function spread(operand: Tensor, scale: Tensor, rank: number, isByChannel: boolean): Float64Array | undefined {
  if (isByChannel) {
    const numbers = channelNumbers(operand, rank, { count: scale.elementCount, axis: 1 });
    return numbers?.length === 1 ? new Float64Array(scale.elementCount).fill(numbers[0] ?? 0) : numbers;
  }
  const numbers = doublesOf(operand);
  if (numbers === undefined || operand.dims.length > rank || !numbers.every(Number.isFinite)) return undefined;
  if (numbers.length === 1) return new Float64Array(scale.elementCount).fill(numbers[0] ?? 0);
  const dims = operand.dims.slice(operand.dims.findIndex((dim) => dim !== 1));
  const wanted = scale.dims.slice(scale.dims.findIndex((dim) => dim !== 1));
  return String(dims) === String(wanted) && dims.length <= scale.dims.length ? numbers : undefined;
}

export default rewrite({
  id: 'fuse-affine-into-normalization',
  summary: 'Multiply and add the constants after a normalization into its scale and bias.',
  why: 'A normalization that was exported in parts ends with the Mul and the Add of its parameters.',
  exact: 'two constants are combined first: a relative error of about 1e-7 for float, 1e-3 for float16',
  since: 17,

  pattern: oneOfNodes(
    op('Mul', 'root', op(NORMALIZATIONS, 'normalization'), constant('operand')),
    op('Div', 'root', op(NORMALIZATIONS, 'normalization'), constant('operand')),
    op('Add', 'root', op(NORMALIZATIONS, 'normalization'), constant('operand')),
    op('Sub', 'root', op(NORMALIZATIONS, 'normalization'), constant('operand')),
  ),

  rewrite({ root, normalization, operand }, context) {
    if (root === undefined || normalization === undefined || operand === undefined) return undefined;
    const [x, scale, bias] = normalization.inputs;
    const { output, opType } = normalization;
    if (x === undefined || scale === undefined) return undefined;
    if (output.onlyUser !== root || normalization.outputs.length > 1)
      return refuse('the result before the constant is used elsewhere, too');
    const isByChannel = opType === 'InstanceNormalization' || opType === 'GroupNormalization';
    if (opType === 'GroupNormalization' && context.opset < 21)
      return refuse('before opset 21 its scale is one for each group');
    const [factors, shifts, constants] = [scale, bias, operand].map((input) => context.tensor(input));
    const scales = doublesOf(factors);
    const rank = context.shape(output)?.length;
    if (factors === undefined || constants === undefined || scales === undefined || rank === undefined)
      return refuse('its scale is not a constant at hand');
    if (bias !== undefined && doublesOf(shifts)?.length !== scales.length)
      return refuse('its bias is not a constant at hand');
    const numbers = spread(constants, factors, rank, isByChannel);
    if (numbers === undefined || !sameShape(context.shape(output), context.shape(root.output)))
      return refuse('the constant is of another shape than the scale');
    const isSum = root.operator === 'Add' || root.operator === 'Sub';
    if (isSum && opType === 'RMSNormalization') return undefined;
    const type = factors.dataType;
    const combined = (values: Float64Array): Tensor => floatTensor(type, factors.dims, values);
    const before = doublesOf(shifts);
    const at = (index: number): number => numbers[index] ?? 0;
    const applied = (value: number, index: number): number => {
      if (root.operator === 'Mul') return value * at(index);
      if (root.operator === 'Div') return value / at(index);
      return root.operator === 'Add' ? value + at(index) : value - at(index);
    };
    const newScale = isSum ? factors : combined(scales.map(applied));
    const newBias =
      isSum || before !== undefined ? combined((before ?? new Float64Array(scales.length)).map(applied)) : undefined;
    for (const made of [newScale, newBias])
      if (made !== undefined && doublesOf(made)?.every(Number.isFinite) !== true)
        return refuse('a parameter would not be finite');
    const inputs = [
      x,
      isSum ? scale : context.constant(newScale, scale.name),
      newBias === undefined ? undefined : context.constant(newBias, bias?.name ?? `${root.output.name}_bias`),
    ];
    return context.replace(root, context.like(normalization, inputs));
  },

  examples: [
    {
      title: 'weight and bias of a LayerNormalization',
      before: `agraph (float[N,3,2] x) => (float[N,3,2] y) <float[2] ones = {1, 1}, float[2] gamma = {2, 3}, float[1,1,2] beta = {4, 5}> {
        n = LayerNormalization <axis = -1> (x, ones)
        m = Mul (gamma, n)
        y = Add (m, beta)
      }`,
      after: `agraph (float[N,3,2] x) => (float[N,3,2] y) <float[2] gamma = {2, 3}, float[2] beta = {4, 5}> {
        y = LayerNormalization <axis = -1> (x, gamma, beta)
      }`,
    },
    {
      title: 'channels of an InstanceNormalization',
      before: `agraph (float[N,2,3] x) => (float[N,2,3] y) <float[2] s = {1, 2}, float[2] b = {1, 1}, float[2,1] gamma = {2, 3}> {
        n = InstanceNormalization (x, s, b)
        y = Mul (n, gamma)
      }`,
      after: `agraph (float[N,2,3] x) => (float[N,2,3] y) <float[2] s = {2, 6}, float[2] b = {2, 3}> {
        y = InstanceNormalization (x, s, b)
      }`,
    },
    {
      title: 'a vector along another axis',
      before: `agraph (float[N,2,2] x) => (float[N,2,2] y) <float[2] ones = {1, 1}, float[2,1] gamma = {2, 3}> {
        n = LayerNormalization <axis = -1> (x, ones)
        y = Mul (n, gamma)
      }`,
      after: 'unchanged',
      because: 'the constant is of another shape than the scale',
    },
  ],
});
