import { lint, type Node, type ParserType } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

const narrowTypes: readonly ParserType[] = ['FP8', 'INT4', 'FP4'];
/** What becomes a shuffle or an identity layer, or joins tensors. */
const movements = 'Reshape Transpose Squeeze Unsqueeze Flatten Identity Concat DepthToSpace SpaceToDepth'.split(' ');
const producers: ReadonlySet<string> = new Set([...movements, 'QuantizeLinear', 'Constant']);
const consumers: ReadonlySet<string> = new Set([...movements, 'DequantizeLinear', 'Shape', 'If', 'Loop', 'Scan']);

function quantizes(node: Node): boolean {
  return node.opType.startsWith('TRT_') || node.opType === 'QuantizeLinear' || node.opType === 'DequantizeLinear';
}

export default lint({
  id: 'tensorrt/low-precision-flow',
  summary: 'A tensor of 8-bit float or 4 bits is made or read by something else than quantization.',
  why: 'Types of 8-bit floats and of 4 bits exist between QuantizeLinear and DequantizeLinear only, where they may be moved but not computed with ("Tensor ... has datatype FP8 but is not produced by ... IQuantizeLayer").',
  severity: 'error',
  stage: 'build',
  errors: ['Tensor {value} has datatype FP8 but is not produced by IPluginLayer, IQuantizeLayer, IConstantLayer'],
  messages: {
    produced: '{op} {node} makes {value} of type {type}, which only QuantizeLinear may in {tensorrt}.',
    consumed: '{op} {node} reads {value} of type {type}, which only DequantizeLinear may in {tensorrt}.',
  },
  advice: {
    produced: 'Use QuantizeLinear with a scale (of 1, where there is none).',
    consumed: 'Put a DequantizeLinear with a scale (of 1, where there is none) before {node}.',
  },

  check(node, { model, target, view, input, output, report }) {
    if (quantizes(node) || dispatch(model, node, target) !== 'importer') return;
    const found = evidence('low-precision-flow', target.version);
    const casts = ['Cast', 'CastLike'].includes(node.opType) ? evidence('cast-to-fp8', target.version) : undefined;
    const proof = casts ?? found;
    if (proof === undefined) return;
    if (found !== undefined && !consumers.has(node.opType))
      for (const index of node.inputs.keys()) {
        const seen = input(index);
        const type = seen === undefined ? undefined : view.importedType(seen.value);
        // What CastLike casts to is a type; its second operand is not read.
        if (seen === undefined || type === undefined || (node.opType === 'CastLike' && index > 0)) continue;
        if (narrowTypes.includes(type)) {
          report('consumed', { value: seen.name, type }, { value: seen.value, ...found });
          return;
        }
      }
    if (producers.has(node.opType)) return;
    const made = output(0);
    if (made?.type !== undefined && narrowTypes.includes(made.type))
      report('produced', { value: made.name, type: made.type }, { value: made.value, ...proof });
  },

  examples: [
    {
      title: 'a Cast to 8-bit float',
      model: `agraph (float[2] x) => (float8e4m3fn[2] y) { y = Cast <to = 17> (x) }`,
      opset: 19,
      reports: ['produced'],
    },
    {
      title: 'a Cast from 4 bits',
      model: `agraph (int4[2] x) => (float[2] y) { y = Cast <to = 1> (x) }`,
      opset: 21,
      reports: ['consumed'],
    },
    {
      title: 'quantized, turned and dequantized',
      model: `agraph (float[2, 3] x) => (float[3, 2] y) <float scale = {1}, float8e4m3fn zero = {0}> {
        q = QuantizeLinear (x, scale, zero)
        t = Transpose (q)
        y = DequantizeLinear (t, scale, zero)
      }`,
      opset: 21,
      reports: [],
    },
  ],
});
