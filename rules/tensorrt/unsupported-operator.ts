import { formatVersion, lint } from '../../src/rule-kit.ts';
import { holds } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { supportedSince } from './facts/operators.ts';

export default lint({
  id: 'tensorrt/unsupported-operator',
  summary: 'TensorRT has no importer for the operator.',
  why: 'The parser looks at the op_type alone: a built-in importer, else its list of refused names, else a function of the model, else a plugin of that name. When all fail the model is rejected.',
  severity: 'error',
  messages: {
    refused: '{op} is on the list of operators that {tensorrt} refuses by name.',
    later: '{op} has no importer in {tensorrt}; it came with {since}.',
    unknown:
      '{op} has no importer in {tensorrt}: the parser looks for a plugin of that name ("No importer registered for op: {type}. Attempting to import as plugin.").',
    functions: '{op} is a function of the model, and {tensorrt} does not read functions; they came with 9.0.',
    plugin: '{op} is imported by way of a plugin that {tensorrt} does not ship.',
  },
  advice: {
    refused:
      'Replace the node by supported operators before the export, or under another name by a plugin: a function or plugin of this name is never asked.',
    later: 'Use TensorRT {since} or later, or export with an older opset so that the operator is decomposed.',
    unknown: 'Replace the node by standard operators, or load a plugin library that has a creator named {type}.',
    functions: 'Inline the functions of the model before you hand it to this version.',
    plugin: 'Use full TensorRT, or replace the node by supported operators.',
  },

  check(node, { model, target, report }) {
    const type = node.opType;
    const found = dispatch(model, node, target);
    switch (found) {
      case 'refused':
        return report('refused', {});
      case 'functions-not-read':
        return report('functions', {}, { confidence: holds('function-pre9', target.version) ?? 'likely' });
      case 'plugin-not-shipped':
        return report('plugin', {});
      case 'unknown': {
        const since = supportedSince(type, target.version);
        return since === undefined ? report('unknown', { type }) : report('later', { since: formatVersion(since) });
      }
      default:
        return undefined;
    }
  },

  examples: [
    {
      title: 'Det is refused by name',
      model: `agraph (float[2, 3, 3] x) => (float[2] y) { y = Det (x) }`,
      reports: ['refused'],
    },
    {
      title: 'NonMaxSuppression came with 8.0',
      model: `agraph (float[1, 6, 4] boxes, float[1, 1, 6] scores) => (int64[n, 3] y) { y = NonMaxSuppression (boxes, scores) }`,
      target: 'tensorrt@7.2',
      reports: ['later'],
    },
    {
      title: 'an operator of another domain that no importer takes',
      model: `<opset_import: ["" : 17, "com.microsoft" : 1]>
        agraph (float[2, 3] x) => (float[2, 3] y) { y = com.microsoft.FastGelu (x) }`,
      reports: ['unknown'],
    },
    {
      title: 'the domain is not looked at: this Gelu is imported',
      model: `<opset_import: ["" : 17, "com.microsoft" : 1]>
        agraph (float[2, 3] x) => (float[2, 3] y) { y = com.microsoft.Gelu (x) }`,
      reports: [],
    },
    {
      title: 'a function of the model is expanded',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.Twice (x) }
        <domain: "local", opset_import: ["" : 17]>
        Twice (a) => (b) { b = Add (a, a) }`,
      reports: [],
    },
    {
      title: 'but not by 8.6',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.Twice (x) }
        <domain: "local", opset_import: ["" : 17]>
        Twice (a) => (b) { b = Add (a, a) }`,
      target: 'tensorrt@8.6',
      reports: ['functions'],
    },
    {
      title: 'TensorRT-RTX has no RoiAlign plugin',
      model: `agraph (float[1, 1, 8, 8] x, float[2, 4] rois, int64[2] batch) => (float[2, 1, 3, 3] y) {
        y = RoiAlign <output_height = 3, output_width = 3> (x, rois, batch)
      }`,
      target: 'tensorrt-rtx@1.7',
      reports: ['plugin'],
    },
  ],
});
