import { lint } from '../../src/rule-kit.ts';
import { grounds } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

export default lint({
  id: 'tensorrt/foreign-domain',
  summary: 'A node of another domain is taken for the standard operator of the same name.',
  why: 'The parser looks at op_type alone: a node of another domain, or a function of the model, that bears the name of a built-in importer is imported as that operator, whatever it means.',
  severity: 'warning',
  messages: {
    taken: '{op} {node} is imported by {tensorrt} as the standard {type}: its domain is not looked at.',
    shadowed: '{op} {node} calls a function of the model, but {tensorrt} imports the standard {type} in its place.',
  },
  advice: {
    taken: 'Check that {node} means the same as the standard {type}; otherwise give it a name of its own.',
    shadowed: 'Inline the function, or give it a name of its own.',
  },

  check(node, { model, target, report }) {
    if (node.domain === '' || node.domain === 'trt' || dispatch(model, node, target) !== 'importer') return;
    const type = node.opType;
    const definition = model.findFunction(node.domain, type, node.overload);
    report(
      definition === undefined ? 'taken' : 'shadowed',
      { type },
      grounds(definition === undefined ? 'dispatch-domain-ignored' : 'function-shadowed-by-importer', target.version),
    );
  },

  examples: [
    {
      title: 'the Gelu of ONNX Runtime',
      model: `<opset_import: ["" : 17, "com.microsoft" : 1]>
        agraph (float[2] x) => (float[2] y) { y = com.microsoft.Gelu (x) }`,
      reports: ['taken'],
    },
    {
      title: 'a function that is called Relu',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.Relu (x) }
        <domain: "local", opset_import: ["" : 17]>
        Relu (a) => (b) { b = Tanh (a) }`,
      reports: ['shadowed'],
    },
    {
      title: 'the standard operator',
      model: `agraph (float[2] x) => (float[2] y) { y = Relu (x) }`,
      reports: [],
    },
  ],
});
