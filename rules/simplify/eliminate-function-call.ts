import { anyNode, inlinedCall, outputReplacements, refuse, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-function-call',
  summary: 'Put functions in place of all their calls.',
  why: 'Older parsers of TensorRT know no functions, and newer ones put them in place themselves, without what each call knows.',
  exact: true,
  costs: 'nodes',

  pattern: anyNode('call'),

  rewrite({ call }, context) {
    const definition = context.functionOf(call);
    if (definition === undefined) return undefined;
    const outputs = inlinedCall(call, definition, context);
    if (typeof outputs === 'string') return refuse(outputs);
    return context.replaceAll(outputReplacements(call, outputs));
  },

  examples: [
    {
      title: 'two calls of several nodes, and an input that is left out',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[N] x, float low) => (float[N] y) {
        t = local.Both (x, low)
        y = local.Both (t)
      }
      <domain: "local", opset_import: ["": 21]> Both (a, l) => (b) {
        t = Neg (a)
        b = Clip (t, l)
      }`,
      after: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[N] x, float low) => (float[N] y) {
        t = Neg (x)
        b = Clip (t, low)
        u = Neg (b)
        y = Clip (u)
      }
      <domain: "local", opset_import: ["": 21]> Both (a, l) => (b) {
        t = Neg (a)
        b = Clip (t, l)
      }`,
    },
    {
      title: 'a default, and an attribute that stays away',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[N,3] x) => (float[N,3] y) {
        y = local.Last (x)
      }
      <domain: "local", opset_import: ["": 21]> Last <alpha, axis: int = 1> (a) => (b) {
        t = LeakyRelu <alpha: float = @alpha> (a)
        b = Softmax <axis: int = @axis> (t)
      }`,
      after: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[N,3] x) => (float[N,3] y) {
        t = LeakyRelu (x)
        y = Softmax <axis = 1> (t)
      }
      <domain: "local", opset_import: ["": 21]> Last <alpha, axis: int = 1> (a) => (b) {
        t = LeakyRelu <alpha: float = @alpha> (a)
        b = Softmax <axis: int = @axis> (t)
      }`,
    },
    {
      title: 'another opset, in which the operator is another one',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[N,1] x) => (float[N] y) {
        y = local.Old (x)
      }
      <domain: "local", opset_import: ["": 11]> Old (a) => (b) {
        b = Squeeze <axes = [1]> (a)
      }`,
      after: 'unchanged',
      because: 'Squeeze means something else in the opset of the function',
    },
  ],
});
