/** The IR version of a model, and what depends on it alone. */
import type { Model } from '../ir/model.ts';
import { modelRule } from '../ir/problem.ts';
import type { ProblemList } from './problem-list.ts';

/** The newest IR version whose messages we read (onnx.proto of onnx 1.23.1). */
export const LATEST_IR_VERSION = 14;

export const irVersionRule = modelRule({
  id: 'model/ir-version',
  summary: 'The IR version is missing, newer than known, or older than what the model uses.',
  why: 'ir_version says by which rules a model is read (IR.md, Models): from 3 on it imports operator sets, from 8 on it may have functions.',
  severity: 'warning',
  effect: 'keep',
  messages: {
    missing: 'the model has no ir_version',
    newer: 'the model is of IR version {version}; we know up to {known}',
    imports: 'the model is of IR version {version}, but imports operator sets, which came with IR 3',
    functions: 'the model is of IR version {version}, but has functions, which came with IR 8',
  },
  advice: { missing: 'export the model again; its inputs and initializers cannot be told apart' },
});

export function checkHeader(model: Model, list: ProblemList): void {
  const { irVersion: version } = model;
  if (version < 1) list.report(irVersionRule, 'missing', {}, {}, { severity: 'error', effect: 'refuse' });
  else if (version > LATEST_IR_VERSION) list.report(irVersionRule, 'newer', { version, known: LATEST_IR_VERSION }, {});
  else if (importsTooEarly(model))
    list.report(irVersionRule, 'imports', { version }, {}, { severity: 'error', effect: 'repair' });
  if (version >= 1 && version < 8 && model.functions.length > 0)
    list.report(irVersionRule, 'functions', { version }, {});
}

/** Opset 1 of ai.onnx is what a model below IR 3 has without saying so. */
export function importsTooEarly({ irVersion, opsetImports }: Model): boolean {
  return irVersion >= 1 && irVersion < 3 && (opsetImports.size !== 1 || opsetImports.get('') !== 1);
}
