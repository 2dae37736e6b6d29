import { lint } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Boxes of one batch item, over all classes, beyond which NonMaxSuppression looks at the best ones only. */
const NMS_CANDIDATES = 5000;

export default lint({
  id: 'tensorrt/slow-pattern',
  summary: 'The model is accepted, and runs slower than it must.',
  why: 'Some layers leave the fast path: int64 arithmetic, transposes that force a reformat, suppression over very many boxes, redundant casts in strongly typed networks.',
  severity: 'info',
  stage: 'build',
  messages: {
    nms: '{op} {node} looks at {count} boxes for each image; {tensorrt} keeps the best 5000, and sorts slowly before that.',
    slowNms: '{op} {node} runs slowly in {tensorrt} (NVIDIA/TensorRT#4248).',
    transposes: '{op} {node} turns the channels to the end and is turned back later; {tensorrt} reformats twice.',
    int64: '{op} {node} computes {count} elements in int64, which {tensorrt} does at half the speed of int32.',
    casts: '{op} {node} casts back what was cast just before; {tensorrt} keeps both in a strongly typed network.',
  },
  advice: {
    nms: 'Take the top K of the scores before {node}, or use the EfficientNMS_TRT plugin.',
    slowNms: 'Use the EfficientNMS_TRT plugin, or another release.',
    transposes: 'Export the model in the layout it computes in; `onnx-preflight simplify` joins transposes that meet.',
    int64: 'Export the model with int32 data.',
    casts: 'Run `onnx-preflight simplify`, which takes lossless pairs out.',
  },
  operators: ['NonMaxSuppression', 'Transpose', 'Add', 'Sub', 'Mul', 'Div', 'Cast'],

  check(node, { model, target, input, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const data = input(0);
    switch (node.opType) {
      case 'NonMaxSuppression': {
        const boxes = data?.dims?.[1] ?? -1;
        const classes = input(1)?.dims?.[1] ?? -1;
        const limit = evidence('nms-topn-limit', target.version);
        if (limit !== undefined && boxes * classes > NMS_CANDIDATES)
          report('nms', { count: boxes * classes }, { ...limit, severity: 'warning' });
        const slow = evidence('nms-slow', target.version);
        if (slow !== undefined) report('slowNms', {}, slow);
        return;
      }
      case 'Transpose': {
        const [made] = node.outputs;
        const back = made === undefined ? undefined : [...made.users][0];
        const isElementwise = back !== undefined && ['Relu', 'Sigmoid', 'Add', 'Mul'].includes(back.opType);
        const after = isElementwise ? [...(back.outputs[0]?.users ?? [])] : [];
        if (data?.rank === 4 && made?.userCount === 1 && after.length === 1 && after[0]?.opType === 'Transpose')
          report('transposes', {}, { value: made, confidence: 'likely' });
        return;
      }
      case 'Cast': {
        const before = node.inputs[0]?.producer;
        const original = before?.opType === 'Cast' ? before.inputs[0] : undefined;
        const row = evidence('typing-cast-fold', target.version);
        const isBack = original !== undefined && data !== undefined && original.type?.kind === 'tensor';
        if (isBack && target.stronglyTyped && row !== undefined && node.outputs[0]?.type?.kind === 'tensor')
          if (node.outputs[0].type.dataType === (original.type?.kind === 'tensor' ? original.type.dataType : undefined))
            report('casts', {}, row);
        return;
      }
      default: {
        const count = data?.elementCount ?? 0;
        const row = evidence('arch-int64', target.version);
        if (data?.type === 'INT64' && count >= 4096 && row !== undefined) report('int64', { count }, row);
      }
    }
  },

  examples: [
    {
      title: 'a detector that suppresses over 8,400 boxes of 80 classes',
      model: `agraph (float[1, 8400, 4] boxes, float[1, 80, 8400] scores) => (int64[n, 3] y) { y = NonMaxSuppression (boxes, scores) }`,
      target: 'tensorrt@10.3',
      reports: ['nms', 'slowNms'],
    },
    {
      title: 'a Relu between two transposes',
      model: `agraph (float[1, 8, 4, 4] x) => (float[1, 8, 4, 4] y) {
        a = Transpose <perm = [0, 2, 3, 1]> (x)
        b = Relu (a)
        y = Transpose <perm = [0, 3, 1, 2]> (b)
      }`,
      reports: ['transposes'],
    },
    {
      title: 'int64 data',
      model: `agraph (int64[64, 64] x) => (int64[64, 64] y) { y = Add (x, x) }`,
      reports: ['int64'],
    },
    {
      title: 'to float and back',
      model: `agraph (float16[2] x) => (float16[2] y) {
        wide = Cast <to = 1> (x)
        y = Cast <to = 10> (wide)
      }`,
      reports: ['casts'],
    },
    { title: 'a plain Add', model: `agraph (float[64, 64] x) => (float[64, 64] y) { y = Add (x, x) }`, reports: [] },
  ],
});
