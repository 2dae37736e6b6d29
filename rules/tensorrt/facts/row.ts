/** What the tables of limits ask about a node. */
import type { NodeContext, Stage } from '../../../src/rule-kit.ts';
import type { ConstraintId } from './constraints.ts';

export type RowContext = Pick<
  NodeContext<Record<string, string>>,
  'node' | 'attributes' | 'input' | 'output' | 'opset' | 'target' | 'view'
>;

interface Row {
  readonly operators: readonly string[];
  readonly constraint: ConstraintId;
  /** What is taken, as the end of "TensorRT takes ... ". */
  readonly accepted: string;
  /** `parse` when left out. */
  readonly stage?: Stage;
}

export interface AttributeRow extends Row {
  readonly attribute: string;
  /** The refused value in words; undefined when the node is fine. */
  readonly refused: (context: RowContext) => string | undefined;
}

export interface InputRow extends Row {
  /** The input it is about. */
  readonly input: number;
  /** What the input is instead, in words; undefined when it is fine or not known. */
  readonly refused: (context: RowContext) => string | undefined;
}

export const words = (text: string): string[] => text.split(' ');

export function dimsText(dims: readonly number[] | undefined): string {
  return `[${(dims ?? []).map((dim) => (dim < 0 ? '?' : dim)).join(', ')}]`;
}
