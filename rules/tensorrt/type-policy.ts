import { lint, version } from '../../src/rule-kit.ts';
import { constraint } from './facts/constraints.ts';

const STRONG_SINCE = version('11.0');
const IMPLICIT_INT8_DEPRECATED = version('10.1');
/** Builds of 16 bits and fewer, that a model in float would give away. */
const narrow = ['HALF', 'BF16', 'FP8', 'INT8', 'INT4', 'FP4'] as const;
const MAXIMUM_LOOKED_AT = 4096;

export default lint({
  id: 'tensorrt/type-policy',
  summary: 'The engine will not compute in the precision that the user expects.',
  why: 'From 11.0 on networks are strongly typed: the model alone says what is computed in which type, builder flags and calibration are gone, and a model in float runs in FP32.',
  severity: 'info',
  stage: 'build',
  errors: [
    'build_engine(fp16=True) silently builds an FP32 engine',
    'Inferred elem type differs: (10) vs (1)',
    'AttributeError: module tensorrt has no attribute CalibrationAlgoType',
  ],
  messages: {
    float: 'All of the model is float; {tensorrt} runs it in FP32, since builder flags such as FP16 are gone.',
    ignored: 'The flag --{flag} does nothing for {tensorrt}: it builds strongly typed networks only.',
    calibration:
      'The model has no QuantizeLinear; --int8 for {tensorrt} needs a calibration cache, which is deprecated since 10.1 and gone from 11.0 on.',
    quantizedWeakly: 'The model quantizes to {type}; {tensorrt} wants a strongly typed network for that.',
  },
  advice: {
    float: 'Convert the model to float16 or bfloat16, or export it with Q/DQ, for more speed.',
    ignored: 'Convert the model to that type.',
    calibration: 'Export the model with QuantizeLinear and DequantizeLinear.',
    quantizedWeakly: 'Build with --stronglyTyped.',
  },

  lasting: ['float', 'ignored'],

  checkModel({ model, target, view, report }) {
    const types = new Set<string>();
    let looked = 0;
    for (const value of [...model.graph.inputs, ...model.graph.initializers]) types.add(view.value(value).type ?? '');
    for (const node of model.graph.nodes) {
      if (++looked > MAXIMUM_LOOKED_AT) break;
      for (const value of node.outputs) if (value !== undefined) types.add(view.value(value).type ?? '');
    }
    if (target.product === 'tensorrt' && target.version >= STRONG_SINCE) {
      for (const flag of target.precisions)
        if (flag !== 'fp32' && flag !== 'tf32')
          report('ignored', { flag }, { severity: 'warning', basis: constraint('typing-strong-default') });
      if (types.has('FLOAT') && narrow.every((type) => !types.has(type)) && looked <= MAXIMUM_LOOKED_AT)
        report('float', {}, { basis: constraint('typing-fp16-export') });
      return;
    }
    if (target.precisions.has('int8') && !types.has('INT8') && target.version >= IMPLICIT_INT8_DEPRECATED)
      report('calibration', {}, { severity: 'warning', basis: constraint('typing-implicit-int8') });
    const weak = (['FP8', 'INT4', 'FP4'] as const).find((type) => types.has(type));
    if (weak !== undefined && !target.stronglyTyped && target.version >= version('10.0'))
      report('quantizedWeakly', { type: weak }, { basis: constraint('qdq-strong-typing-advice') });
  },

  examples: [
    { title: 'a model in float', model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`, reports: ['float'] },
    { title: 'a model in float16', model: `agraph (float16[2] x) => (float16[2] y) { y = Neg (x) }`, reports: [] },
    {
      title: '--fp16 for the default targets, of which the newest takes no such flag',
      model: `agraph (float16[2] x) => (float16[2] y) { y = Neg (x) }`,
      target: 'tensorrt@11.5',
      machine: { precision: ['fp16'] },
      reports: ['ignored'],
    },
    {
      title: '--int8 and no scales',
      model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`,
      target: 'tensorrt@10.16',
      machine: { precision: ['int8'] },
      reports: ['calibration'],
    },
    {
      title: 'FP8 in a weakly typed network',
      model: `agraph (float[2] x) => (float[2] y) <float scale = {1}, float8e4m3fn zero = {0}> {
        q = QuantizeLinear (x, scale, zero)
        y = DequantizeLinear (q, scale, zero)
      }`,
      opset: 19,
      target: 'tensorrt@10.16',
      reports: ['quantizedWeakly'],
    },
  ],
});
