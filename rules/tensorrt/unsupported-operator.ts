import { findSchema, formatVersion, lint, version } from '../../src/rule-kit.ts';
import { availabilityRow } from './facts/availability.ts';
import { constraint, type ConstraintId, evidence, grounds, holds } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { supportedSince } from './facts/operators.ts';

/** Opsets in which the standard knows all its operators, those that it has dropped included. */
const STANDARD_OPSETS = [1, 9, 18, 28];

function isStandard(opType: string): boolean {
  return STANDARD_OPSETS.some((opset) => findSchema('', opType, opset) !== undefined);
}

/** What happens to a name without importer. */
function fallbackRow(opType: string, target: number): ConstraintId {
  const row = availabilityRow(opType);
  if (row !== undefined && holds(row, target) !== undefined) return row;
  if (isStandard(opType) && target >= version('7.1')) return 'availability-never';
  return target < version('7.1') ? 'dispatch-unknown-op-7.0' : 'dispatch-plugin-fallback';
}

export default lint({
  id: 'tensorrt/unsupported-operator',
  summary: 'TensorRT has no importer for the operator.',
  why: 'The parser looks at the op_type alone: a built-in importer, else its list of refused names, else a function of the model, else a plugin of that name. When all fail the model is rejected.',
  severity: 'error',
  errors: [
    'No importer registered for op: {op}. Attempting to import as plugin.',
    'getPluginCreator could not find plugin: {op} version: 1',
    'Plugin not found, are the plugin name, version, and namespace correct?',
    'op_type: aten_unsqueeze domain: pkg.onnxscript',
    'EmbedLayerNormalization SkipLayerNormalization FusedMatMul',
  ],
  messages: {
    refused: '{op} is on the list of operators that {tensorrt} refuses by name.',
    later: '{op} has no importer in {tensorrt}; it came with {since}.',
    unknown:
      '{op} has no importer in {tensorrt}: the parser looks for a plugin of that name ("No importer registered for op: {type}. Attempting to import as plugin.").',
    domain:
      '{op} is of the domain {domain}, which TensorRT knows nothing of: {tensorrt} has no importer named {type} and looks for a plugin of that name.',
    missingFunction:
      '{op} is called like a function of the model, but the model has no function {type}; {tensorrt} then looks for a plugin of that name.',
    functions: '{op} is a function of the model, and {tensorrt} does not read functions; they came with 9.0.',
    plugin: '{op} is imported by way of a plugin that {tensorrt} does not ship.',
  },
  advice: {
    refused:
      'Replace the node by supported operators before the export, or under another name by a plugin: a function or plugin of this name is never asked.',
    later: 'Use TensorRT {since} or later, or export with an older opset so that the operator is decomposed.',
    unknown: 'Replace the node by standard operators, or load a plugin library that has a creator named {type}.',
    domain:
      'Export the model without the fused operators of {domain} (for com.microsoft: do not optimize it with ONNX Runtime first), or load a plugin library that has a creator named {type} and name it with --plugins.',
    missingFunction: 'Export the model again with its functions, or inlined.',
    functions: 'Inline the functions of the model before you hand it to this version.',
    plugin: 'Use full TensorRT, or replace the node by supported operators.',
  },

  check(node, { model, target, report }) {
    const type = node.opType;
    const found = dispatch(model, node, target);
    switch (found) {
      case 'refused': {
        const since = supportedSince(type, target.version);
        const row = availabilityRow(type) ?? 'dispatch-explicitly-unsupported';
        const details = evidence(row, target.version) ?? { basis: constraint('dispatch-explicitly-unsupported') };
        return since === undefined
          ? report('refused', {}, details)
          : report('later', { since: formatVersion(since) }, details);
      }
      case 'functions-not-read':
        return report('functions', {}, evidence('function-pre9', target.version) ?? { confidence: 'likely' });
      case 'plugin-not-shipped':
        return report('plugin', {});
      case 'unknown': {
        const since = supportedSince(type, target.version);
        if (since !== undefined) {
          const row = availabilityRow(type);
          return report(
            'later',
            { since: formatVersion(since) },
            row === undefined ? {} : grounds(row, target.version),
          );
        }
        const details = { basis: constraint(fallbackRow(type, target.version)) };
        if (node.domain === '' || isStandard(type)) return report('unknown', { type }, details);
        return model.functions.some(({ domain }) => domain === node.domain)
          ? report('missingFunction', { type }, details)
          : report('domain', { domain: node.domain, type }, details);
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
      reports: ['domain'],
    },
    {
      title: 'a plugin that will be loaded under that name is named with --plugins; here none is',
      model: `agraph (float[2, 3] x) => (float[2, 3] y) { y = MyOperator (x) }`,
      reports: ['unknown'],
    },
    {
      title: 'a function that the exporter left out',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { a = local.Twice (x)  y = local.Thrice (a) }
        <domain: "local", opset_import: ["" : 17]>
        Twice (a) => (b) { b = Add (a, a) }`,
      reports: ['missingFunction'],
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
