/** What the parser does with a node, by its op_type: ModelImporter.cpp, parseNode (10.10 GA; order observed with 11.4). */
import { type LintModel, type Node, type Target, version } from '../../../src/rule-kit.ts';
import { operatorSupportAt, refusedByName } from './operators.ts';
import { stockPlugins, unshippedByRtx } from './plugins.ts';

export type Dispatch =
  'importer' | 'function' | 'plugin' | 'refused' | 'functions-not-read' | 'plugin-not-shipped' | 'unknown';

/** Built-in importer, else refused by name, else a function of the model, else a plugin. */
export function dispatch(model: LintModel, node: Node, target: Target): Dispatch {
  const type = node.opType;
  if (operatorSupportAt(type, target.version)?.supported === true)
    return target.product === 'tensorrt-rtx' && unshippedByRtx(type, target.release)
      ? 'plugin-not-shipped'
      : 'importer';
  if (target.version >= version('9.1') && refusedByName.has(type)) return 'refused';
  if (model.hasFunctionNamed(type)) return target.version >= version('9.0') ? 'function' : 'functions-not-read';
  return target.product === 'tensorrt' && stockPlugins(target.version).has(type) ? 'plugin' : 'unknown';
}
