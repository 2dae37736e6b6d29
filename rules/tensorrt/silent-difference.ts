import { lint } from '../../src/rule-kit.ts';
import { type Evidence, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { ignoredSettingRows } from './facts/ignored-settings.ts';
import { type SilenceRow, silenceRows } from './facts/silences.ts';

const rowsByOperator = new Map<string, SilenceRow[]>();
for (const row of [...silenceRows, ...ignoredSettingRows])
  for (const operator of row.operators) rowsByOperator.set(operator, [...(rowsByOperator.get(operator) ?? []), row]);

/** What is only worth knowing is no warning. */
function constraintSeverity({ basis }: Evidence): 'warning' | 'info' {
  return basis.severity === 'info' ? 'info' : 'warning';
}

export default lint({
  id: 'tensorrt/silent-difference',
  summary: 'The model is accepted, but computes something else.',
  why: 'An importer reads the attributes that it knows and drops the rest without a message; the engine builds, and its numbers are wrong.',
  severity: 'warning',
  errors: [
    '(no error) outputs differ; opset 18 export matches',
    '(no error) CumSum outputs identical although axis/reverse differ',
  ],
  messages: { different: '{op} {node} has {setting}; {tensorrt} {effect}.' },
  advice: '{remedy}',
  operators: [...rowsByOperator.keys()],

  check(node, context) {
    if (dispatch(context.model, node, context.target) !== 'importer') return;
    for (const { constraint, setting, effect, remedy, applies } of rowsByOperator.get(node.opType) ?? []) {
      const found = evidence(constraint, context.target.version);
      if (found !== undefined && applies(context))
        context.report('different', { setting, effect, remedy }, { ...found, severity: constraintSeverity(found) });
    }
  },

  examples: [
    {
      title: 'GridSample in the spelling of opset 20 runs as nearest up to 11.1',
      model: `agraph (float[1, 1, 2, 2] x, float[1, 2, 2, 2] grid) => (float[1, 1, 2, 2] y) {
        y = GridSample <mode = "linear"> (x, grid)
      }`,
      opset: 20,
      target: 'tensorrt@10.16',
      reports: ['different'],
    },
    {
      title: 'as it does not from 11.2 on',
      model: `agraph (float[1, 1, 2, 2] x, float[1, 2, 2, 2] grid) => (float[1, 1, 2, 2] y) {
        y = GridSample <mode = "linear"> (x, grid)
      }`,
      opset: 20,
      target: 'tensorrt@11.2',
      reports: [],
    },
    {
      title: 'a batch-first LSTM',
      model: `agraph (float[2, 3, 4] x, float[1, 8, 4] w, float[1, 8, 2] r) => (float[2, 3, 1, 2] y) {
        y = LSTM <hidden_size = 2, layout = 1> (x, w, r)
      }`,
      reports: ['different'],
    },
    {
      title: '9.3 ignores the start of a Shape',
      model: `agraph (float[2, 3] x) => (int64[1] y) { y = Shape <start = 1> (x) }`,
      target: 'tensorrt@9.3',
      reports: ['different'],
    },
  ],
});
