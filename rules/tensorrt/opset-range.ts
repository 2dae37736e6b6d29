import { type Attribute, findSchema, lint, version } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { documentedOpset } from './facts/documented-opset.ts';

const OLDEST_OPSET = 7;
const MAXIMUM_IMPORTS = 1024;
/** Attributes that the importers read although their opset is above the documented one (onnxOpImporters.cpp, 8.5 to 10.10). */
const readAhead: ReadonlySet<string> = new Set([
  'num_outputs',
  'allowzero',
  'reduction',
  'axes',
  'precision',
  'output_dtype',
]);

/** Operators whose operands are brought to one rank, which below opset 7 needs the attribute broadcast. */
const broadcasting = 'Add Sub Mul Div And Or Xor Equal Greater Less Pow PRelu Gemm MatMul'.split(' ');

/** True for a value that says what leaving the attribute out says. */
function isDefault(held: Attribute, usual: Attribute | undefined): boolean {
  if (held.kind === 'reference' || usual === undefined || usual.kind === 'reference') return false;
  return held.kind === usual.kind && String(held.value) === String(usual.value);
}

export default lint({
  id: 'tensorrt/opset-range',
  summary: 'The model imports an opset that this TensorRT was not written for.',
  why: 'The parser has no hard limit: it reads any opset with the importers that it has. An attribute that came with a newer opset is then dropped without a message.',
  severity: 'warning',
  errors: [
    'WARNING: ONNX model has a newer ir_version (0.0.4) than this parser was built against (0.0.3).',
    'TensorRT supports ONNX opset 9 and higher; the model has an older opset',
  ],
  messages: {
    older: 'The model is of opset {opset}; {tensorrt} is written for opset 7 and later, and was tested from 9 on.',
    broadcast:
      '{op} {node} is of opset {opset}, where operands broadcast only by an attribute; {tensorrt} refuses that.',
    newer:
      '{op} {node} is of its version {since}, and the model of opset {opset}; the documentation of {tensorrt} ends at {documented}.',
    dropped:
      '{op} {node} has the attribute {attribute}, which came after opset {documented}, the newest that {tensorrt} documents; it may be dropped without a message.',
    tooMany: 'The model imports {count} operator sets; {tensorrt} refuses more than 1024.',
  },
  advice: {
    older: 'Convert the model to opset 13 or later with the ONNX version converter.',
    broadcast: 'Convert the model to opset 13 or later with the ONNX version converter.',
    newer: 'Export with opset {documented} or below, or compare the results of the engine with the model.',
    dropped: 'Export with opset {documented} or below, or compare the results of the engine with the model.',
    tooMany: 'Remove the imports that no node uses: `onnx-preflight lint --fix` does.',
  },

  lasting: ['older', 'newer'],

  checkModel({ model, target, report }) {
    const opset = model.opsetImports.get('') ?? 0;
    if (model.opsetImports.size > MAXIMUM_IMPORTS && target.version >= version('10.0'))
      report(
        'tooMany',
        { count: model.opsetImports.size },
        { severity: 'error', basis: constraint('model-opset-domain-count') },
      );
    if (opset > 0 && opset < OLDEST_OPSET) report('older', { opset }, { basis: constraint('model-opset-below-7') });
  },

  check(node, { model, target, opset, attributes, report }) {
    if (node.domain !== '' || dispatch(model, node, target) !== 'importer') return;
    if (opset > 0 && opset < OLDEST_OPSET && broadcasting.includes(node.opType)) {
      const found = evidence('model-opset-broadcast-below-7', target.version);
      if (found !== undefined) report('broadcast', { opset }, { ...found, severity: 'error' });
      return;
    }
    const limit = documentedOpset(target.version);
    if (opset <= limit) return;
    const schema = findSchema('', node.opType, opset);
    const since = schema?.sinceVersion ?? 0;
    if (since > limit)
      report(
        'newer',
        { since, opset, documented: limit },
        { severity: 'info', basis: constraint('model-opset-above-doc-max') },
      );
    if (node.attributes.size === 0) return;
    const known = findSchema('', node.opType, limit)?.attributes;
    if (known === undefined) return;
    for (const [attribute, held] of node.attributes)
      if (
        !known.has(attribute) &&
        !readAhead.has(attribute) &&
        attributes.has(attribute) &&
        !isDefault(held, schema?.attributes.get(attribute)?.default)
      )
        report(
          'dropped',
          { attribute, documented: limit },
          { confidence: 'likely', basis: constraint('model-opset-above-doc-max') },
        );
  },

  examples: [
    {
      title: 'the Identity of opset 21 for a parser that documents 17',
      model: `agraph (float[2] x) => (float[2] y) { y = Identity (x) }`,
      opset: 21,
      target: 'tensorrt@8.6',
      reports: ['newer'],
    },
    {
      title: 'an attribute that came with opset 20 (Resize has it since 18, and 8.6 documents 17)',
      model: `agraph (float[1, 1, 4, 4] x) => (float[1, 1, 8, 8] y) <int64[4] sizes = {1, 1, 8, 8}> {
        y = Resize <mode = "linear", antialias = 1> (x, , , sizes)
      }`,
      opset: 18,
      target: 'tensorrt@8.6',
      reports: ['newer', 'dropped'],
    },
    {
      title: 'opset 6',
      model: `agraph (float[2, 3] x, float[3] b) => (float[2, 3] y) { y = Add <axis = 1, broadcast = 1> (x, b) }`,
      opset: 6,
      target: 'tensorrt@8.6',
      reports: ['older', 'broadcast'],
    },
    {
      title: 'more operator sets than any model needs',
      model: `<ir_version: 8, opset_import: ["" : 17${Array.from({ length: MAXIMUM_IMPORTS }, (_, index) => `, "d${index}" : 1`).join('')}]>
        agraph (float[2] x) => (float[2] y) { y = Relu (x) }`,
      reports: ['tooMany'],
    },
    {
      title: 'a Relu has not changed since opset 14',
      model: `agraph (float[2] x) => (float[2] y) { y = Relu (x) }`,
      opset: 21,
      target: 'tensorrt@8.6',
      reports: [],
    },
    {
      title: 'an attribute of opset 18 that is at its default says nothing',
      model: `agraph (float[1, 1, 4, 4] x) => (float[1, 1, 8, 8] y) <int64[4] sizes = {1, 1, 8, 8}> {
        y = Resize <mode = "linear", antialias = 0, keep_aspect_ratio_policy = "stretch"> (x, , , sizes)
      }`,
      opset: 18,
      target: 'tensorrt@8.6',
      reports: ['newer'],
    },
    { title: 'opset 17', model: `agraph (float[2] x) => (float[2] y) { y = Relu (x) }`, reports: [] },
  ],
});
