/** How the examples of constraints are written down. */
import type { MachineOptions } from '../../../src/rule-kit.ts';

export interface ConstraintExample {
  readonly constraint: string;
  /** ONNX text without header. */
  readonly model: string;
  readonly opset?: number;
  readonly target?: string;
  readonly machine?: MachineOptions;
  /** The rule of model/ that finds it, where no rule of tensorrt/ does. */
  readonly modelRule?: string;
}

type Options = Omit<ConstraintExample, 'constraint' | 'model'>;

export const example = (constraint: string, model: string, options: Options = {}): ConstraintExample => ({
  constraint,
  model: model.startsWith('<') || model.startsWith('agraph') ? model : `agraph ${model}`,
  ...options,
});

/** An elementwise operator on one input of a type. */
export const unary = (constraint: string, operator: string, type: string, options: Options = {}): ConstraintExample =>
  example(constraint, `(${type}[2, 2] x) => (${type}[2, 2] y) { y = ${operator} (x) }`, options);

export const image = 'float[1, 1, 4, 4] x';
export const kernel = 'float[1, 1, 3, 3] w = {1, 1, 1, 1, 1, 1, 1, 1, 1}';
export const branches = (thenBody: string, elseBody: string): string =>
  `then_branch = a () => (${thenBody}, else_branch = b () => (${elseBody}`;
const dla: MachineOptions = { dla: true };
export const onDla = (constraint: string, model: string, options: Options = {}): ConstraintExample =>
  example(constraint, model, { target: 'tensorrt@10.3', machine: dla, ...options });
export const quantize = (declared: string, attributes = ''): string =>
  `(float[2, 4] x) => (int8[2, 4] y) <${declared}> { y = QuantizeLinear ${attributes} (x, s, z) }`;
