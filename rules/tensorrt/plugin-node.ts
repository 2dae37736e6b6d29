import { lint, version } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Importers that make a stock plugin. */
const throughPlugin = new Map<
  string,
  'roialign-plugin' | 'deformconv-plugin' | 'scatterelements-plugin' | 'plugin-lib-init'
>([
  ['RoiAlign', 'roialign-plugin'],
  ['DeformConv', 'deformconv-plugin'],
  ['ScatterElements', 'scatterelements-plugin'],
]);
const readableKinds: ReadonlySet<string> = new Set(['float', 'int', 'string', 'floats', 'ints', 'strings', 'tensor']);
const readableTensors: ReadonlySet<string> = new Set(
  'float float16 bfloat16 double int8 int16 int32 string'.split(' '),
);
/** Stock plugins whose INT64 inputs the parser casts to INT32 (importFallbackPluginImporter of 10.10). */
const castingPlugins: ReadonlySet<string> = new Set(
  'CustomQKVToContextPluginDynamic EfficientNMS_TRT EfficientNMS_Implicit_TF_TRT EfficientNMS_Explicit_TF_TRT VoxelGeneratorPlugin'.split(
    ' ',
  ),
);
const SHAPE_INPUTS = 'tensorrt_plugin_shape_input_indices';
const removedIn11: ReadonlySet<string> = new Set(
  'BatchTilePlugin_TRT BatchedNMS_TRT BatchedNMSDynamic_TRT Clip_TRT CoordConvAC CropAndResize EfficientNMS_ONNX_TRT CustomGeluPluginDynamic LReLU_TRT NMS_TRT NMSDynamic_TRT Normalize_TRT Proposal ProposalDynamic SpecialSlice_TRT Split'.split(
    ' ',
  ),
);

export default lint({
  id: 'tensorrt/plugin-node',
  summary: 'The node becomes a plugin, which must be registered and must understand it.',
  why: 'A plugin is found by name, version and namespace in the registry of the process; its attributes are handed over by kind, and kinds that the parser cannot hand over are refused.',
  severity: 'warning',
  messages: {
    stock:
      '{op} {node} is imported as the plugin {plugin} that comes with {tensorrt}: its library must be loaded before the model is parsed.',
    attribute: '{op} {node} has the attribute {attribute}, of a kind that {tensorrt} hands to no plugin.',
    int64:
      '{op} {node} hands int64 data ({value}) to a plugin; {tensorrt} casts it to int32 for a few stock plugins only.',
    shapeInputs: '{op} {node} has {attribute} = {given}; {tensorrt} wants indices from {least} to {most}.',
    removed: 'The plugin {plugin} was removed with TensorRT 11.0; {op} {node} finds none.',
    deprecated: '{op} {node} is a plugin; plugins of the interfaces V2 are deprecated in {tensorrt}.',
  },
  advice: {
    stock: 'Call initLibNvInferPlugins first (trtexec does).',
    attribute: 'Hand the value over as numbers, strings or a tensor of float or int32.',
    int64: 'Cast {value} to int32 before {node}, or have the plugin take int64.',
    shapeInputs: 'Correct the indices.',
    removed: 'Replace the node by standard operators, or keep the plugin in a library of your own.',
    deprecated: 'See that the plugin implements IPluginV3.',
  },

  check(node, { model, target, input, report }) {
    const found = dispatch(model, node, target);
    const row = throughPlugin.get(node.opType);
    if (row !== undefined && found === 'importer' && target.product === 'tensorrt') {
      const isNeeded = node.opType !== 'ScatterElements' || node.attributes.has('reduction');
      const held = evidence(row, target.version);
      if (isNeeded && held !== undefined)
        report('stock', { plugin: node.opType }, { severity: 'info', confidence: 'certain', basis: held.basis });
      return;
    }
    if (target.version >= version('11.0') && removedIn11.has(node.opType) && found === 'unknown')
      report('removed', { plugin: node.opType }, { basis: constraint('plugin-removed-11'), confidence: 'likely' });
    if (found !== 'plugin') return;
    if (!target.plugins.has(node.opType))
      report('stock', { plugin: node.opType }, { severity: 'info', basis: constraint('plugin-lib-init') });
    const kinds = evidence('dispatch-plugin-attr-types', target.version);
    for (const attribute of node.attributes.values()) {
      const isReadable =
        readableKinds.has(attribute.kind) &&
        (attribute.kind !== 'tensor' || readableTensors.has(attribute.value.dataType));
      if (!isReadable && kinds !== undefined) report('attribute', { attribute: attribute.name }, kinds);
    }
    const indices = node.attributes.get(SHAPE_INPUTS);
    const shapes = evidence('dispatch-plugin-shape-inputs', target.version);
    if (indices !== undefined && shapes !== undefined) {
      const count = BigInt(node.inputs.length);
      const wrong = indices.kind !== 'ints' || indices.value.some((index) => index >= count || index < -count);
      if (wrong)
        report(
          'shapeInputs',
          {
            attribute: SHAPE_INPUTS,
            given: indices.kind === 'ints' ? `[${indices.value.join(', ')}]` : indices.kind,
            least: -node.inputs.length,
            most: node.inputs.length - 1,
          },
          { ...shapes, severity: 'error' },
        );
    }
    const narrow = evidence('dispatch-plugin-int64-inputs', target.version);
    if (narrow !== undefined && !castingPlugins.has(node.opType))
      for (const index of node.inputs.keys()) {
        const seen = input(index);
        if (seen?.type === 'INT64') report('int64', { value: seen.name }, { value: seen.value, ...narrow });
      }
    const deprecated = evidence('plugin-v2-deprecated', target.version);
    if (deprecated !== undefined && target.plugins.has(node.opType))
      report('deprecated', {}, { ...deprecated, severity: 'info' });
  },

  examples: [
    {
      title: 'EfficientNMS',
      model: `<opset_import: ["" : 17, "trt" : 1]>
        agraph (float[1, 100, 4] boxes, float[1, 100, 2] scores) => (int32[1, 1] n) { n = trt.EfficientNMS_TRT (boxes, scores) }`,
      reports: ['stock'],
    },
    {
      title: 'a plugin of the user, with an attribute of int64 data and int64 input',
      model: `agraph (int64[2] x) => (int64[2] y) { y = MyPlugin <table = int64[2] {1, 2}, tensorrt_plugin_shape_input_indices = [3]> (x) }`,
      machine: { plugins: ['MyPlugin'] },
      reports: ['attribute', 'shapeInputs', 'int64', 'deprecated'],
    },
    {
      title: 'a plugin that is gone',
      model: `agraph (float[2] x) => (float[2] y) { y = LReLU_TRT (x) }`,
      target: 'tensorrt@11.1',
      reports: ['removed'],
    },
    { title: 'a standard operator', model: `agraph (float[2] x) => (float[2] y) { y = Relu (x) }`, reports: [] },
  ],
});
