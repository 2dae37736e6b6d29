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
  let known = knownNames.get(target);
  if (known === undefined) knownNames.set(target, (known = new Map()));
  let found = known.get(type);
  if (found === undefined) known.set(type, (found = dispatchByName(type, target)));
  const mayBeFunction = found === 'unknown' || found === 'stock-plugin';
  if (mayBeFunction && model.hasFunctionNamed(type))
    return target.version >= version('9.0') ? 'function' : 'functions-not-read';
  return found === 'stock-plugin' ? 'plugin' : found;
}

/** Most rules ask for every node. */
const knownNames = new WeakMap<Target, Map<string, Dispatch | 'stock-plugin'>>();

function dispatchByName(type: string, target: Target): Dispatch | 'stock-plugin' {
  if (operatorSupportAt(type, target.version)?.supported === true)
    return target.product === 'tensorrt-rtx' && unshippedByRtx(type, target.release) && !target.plugins.has(type)
      ? 'plugin-not-shipped'
      : 'importer';
  if (isRefusedByName(type, target.version)) return 'refused';
  if (target.plugins.has(type) && target.version >= PLUGIN_FALLBACK_SINCE) return 'plugin';
  return target.product === 'tensorrt' && stockPlugins(target.version).has(type) ? 'stock-plugin' : 'unknown';
}
