import { simplifyRules } from '../../rules/simplify-rules.ts';
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import type { RewriteRule } from '../rewrite/rule.ts';

/**
 * `exact`: bit-identical rewrites only. `default` and `smallest`: also those that stay within a stated bound, for the fewest nodes.
 * `tensorrt`: the fewest layers of TensorRT's network, and no operator that the targets do not have. Targets that are named refuse
 * operators under every preset.
 */
export type Preset = 'exact' | 'default' | 'tensorrt' | 'smallest';

/** Whether a preset has a rule, by what the rule says of itself. */
export function presetHas(preset: Preset, { exact, costs }: Pick<RewriteRule, 'exact' | 'costs'>): boolean {
  if (costs === 'nodes' && preset !== 'tensorrt') return false;
  if (costs === 'layers' && preset === 'tensorrt') return false;
  return preset !== 'exact' || exact === true;
}

/**
 * Order in which rules are tried at a node, by what their names begin with: first what takes a node away, then what turns
 * computation into constants, then what makes equal things one, and last what builds something new of several nodes.
 */
const PHASES = ['eliminate', 'move', 'fold', 'share', 'merge', 'fuse'];

function phaseOf({ id }: RewriteRule): number {
  return PHASES.indexOf(id.slice(0, id.indexOf('-')));
}

export interface RuleSelection {
  readonly preset?: Preset;
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
}

/** The rules of a preset, plus `enable`, minus `disable`, in the order they are tried. UsageError for a rule that does not exist. */
export function selectRules({ preset = 'default', enable = [], disable = [] }: RuleSelection): readonly RewriteRule[] {
  const ids = new Set(simplifyRules.map(({ id }) => id));
  for (const id of [...enable, ...disable]) {
    if (ids.has(id)) continue;
    const nearest = suggest(id, ids);
    throw new UsageError(
      `there is no simplify rule '${id}'`,
      nearest === undefined ? 'see `onnx-preflight rules`' : `did you mean '${nearest}'?`,
    );
  }
  return simplifyRules
    .filter((rule) => (presetHas(preset, rule) || enable.includes(rule.id)) && !disable.includes(rule.id))
    .sort((a, b) => phaseOf(a) - phaseOf(b));
}
