import { anyNode, inlinedCall, nodesLeftOfCall, outputReplacements, refuse, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-function-call',
  summary: 'Put a function in place of a call of it, where no more nodes are left than there were.',
  why: 'A function knows only what all its calls have in common; in its place the shapes and constants of one call fold what is in it.',
  exact: true,

  pattern: anyNode('call'),

  rewrite({ call }, context) {
    const definition = context.functionOf(call);
    if (definition === undefined) return undefined;
    if (context.callsOf(definition) > 1 && nodesLeftOfCall(call, definition, context) > 1)
      return refuse('it is called elsewhere, too, and several nodes of it would be left here');
    const outputs = inlinedCall(call, definition, context);
    if (typeof outputs === 'string') return refuse(outputs);
    return context.replaceAll(outputReplacements(call, outputs));
  },

  examples: [
    {
      title: 'the only call',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[2,3] x) => (float[3,2] y) {
        y = local.Turn <p = [1, 0]> (x)
      }
      <domain: "local", opset_import: ["": 21]> Turn <p> (a) => (b) {
        t = Neg (a)
        b = Transpose <perm: ints = @p> (t)
      }`,
      after: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[2,3] x) => (float[3,2] y) {
        t = Neg (x)
        y = Transpose <perm = [1, 0]> (t)
      }
      <domain: "local", opset_import: ["": 21]> Turn <p> (a) => (b) {
        t = Neg (a)
        b = Transpose <perm: ints = @p> (t)
      }`,
    },
    {
      title: 'calls of which the shape is known, and an input that one of them leaves out',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[2,3] x, float[4,3] z) => (float[6] y, float[12] w) {
        y = local.Flat (x)
        w = local.Flat (z)
      }
      <domain: "local", opset_import: ["": 21]> Flat (a) => (b) {
        s = Shape (a)
        n = ReduceProd <keepdims = 1> (s)
        b = Reshape (a, n)
      }`,
      after: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[2,3] x, float[4,3] z) => (float[6] y, float[12] w) {
        s = Shape (x)
        n = ReduceProd <keepdims = 1> (s)
        y = Reshape (x, n)
        t = Shape (z)
        m = ReduceProd <keepdims = 1> (t)
        w = Reshape (z, m)
      }
      <domain: "local", opset_import: ["": 21]> Flat (a) => (b) {
        s = Shape (a)
        n = ReduceProd <keepdims = 1> (s)
        b = Reshape (a, n)
      }`,
    },
    {
      title: 'two calls of several nodes',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[N] x) => (float[N] y) {
        t = local.Both (x)
        y = local.Both (t)
      }
      <domain: "local", opset_import: ["": 21]> Both (a) => (b) {
        t = Neg (a)
        b = Exp (t)
      }`,
      after: 'unchanged',
      because: 'it is called elsewhere, too, and several nodes of it would be left here',
    },
    {
      title: 'a function of another opset, where the operator is another one',
      before: `<ir_version: 10, opset_import: ["": 21, "local": 1]> agraph (float[2,1,3] x) => (float[2,3] y) {
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
