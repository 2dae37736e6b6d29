/** What the parser does with a node, by its op_type: ModelImporter.cpp, parseNode (10.10 GA; order observed with 11.4). */
import { type LintModel, type Node, type Target, version } from '../../../src/rule-kit.ts';
import { isRefusedByName } from './availability.ts';
import { operatorSupportAt } from './operators.ts';
import { stockPlugins, unshippedByRtx } from './plugins.ts';

export type Dispatch =
  'importer' | 'function' | 'plugin' | 'refused' | 'functions-not-read' | 'plugin-not-shipped' | 'unknown';

const PLUGIN_FALLBACK_SINCE = version('7.1');

/** Built-in importer, else refused by name, else a function of the model, else a plugin. */
export function dispatch(model: LintModel, node: Node, target: Target): Dispatch {
  const type = node.opType;
  if (operatorSupportAt(type, target.version)?.supported === true)
    return target.product === 'tensorrt-rtx' && unshippedByRtx(type, target.release) && !target.plugins.has(type)
      ? 'plugin-not-shipped'
      : 'importer';
  if (isRefusedByName(type, target.version)) return 'refused';
  if (target.plugins.has(type) && target.version >= PLUGIN_FALLBACK_SINCE) return 'plugin';
  if (model.hasFunctionNamed(type)) return target.version >= version('9.0') ? 'function' : 'functions-not-read';
  return target.product === 'tensorrt' && stockPlugins(target.version).has(type) ? 'plugin' : 'unknown';
}
