/** What inference says of a model's outputs, as text. */
import type { Dim } from '../../../src/infer/dim.ts';
import type { Fact } from '../../../src/infer/fact.ts';
import { inferModel } from '../../../src/infer/infer-model.ts';
import type { Dimension, ValueType } from '../../../src/ir/value-type.ts';
import { model } from '../../support/model.ts';

export interface Inferred {
  /** For each output in order: `float[N, 3]`, `float` for a scalar, `float[]` for an unknown rank; `?` is an unknown dimension. */
  readonly outputs: readonly string[];
  readonly contradictions: readonly string[];
}

/** Inference over `inputs => outputs { nodes }`; the types of the outputs are not told to it. */
export function infer(text: string, opset?: number): Inferred {
  const parsed = model(`agraph ${text}`, opset === undefined ? {} : { opset: opsetsOf(text, opset) });
  const symbols = new Set(parsed.graph.inputs.flatMap(({ type }) => namesOf(type)));
  for (const output of parsed.graph.outputs) output.type = undefined;
  const facts = inferModel(parsed);
  return {
    outputs: parsed.graph.outputs.map((output) => describe(facts.get(output), symbols)),
    contradictions: facts.contradictions.map(({ message }) => message),
  };
}

/** The outputs' types, for a model that must have no contradiction. */
export function shapes(text: string, opset?: number): string {
  const { outputs, contradictions } = infer(text, opset);
  return contradictions.length > 0 ? `contradiction: ${contradictions.join('; ')}` : outputs.join(' ');
}

function opsetsOf(text: string, opset: number): Record<string, number> {
  const versions: Record<string, number> = {
    'com.microsoft': 1,
    'ai.onnx.ml': 5,
    'ai.onnx.preview': 1,
    'ai.onnx.preview.training': 1,
  };
  const used = Object.entries(versions).filter(([domain]) => text.includes(`${domain}.`));
  return { '': opset, ...Object.fromEntries(used) };
}

function namesOf(type: ValueType | undefined): readonly string[] {
  if (type?.kind === 'tensor') return (type.shape ?? []).filter((dimension) => typeof dimension === 'string');
  return type?.kind === 'sequence' || type?.kind === 'optional' ? namesOf(type.element) : [];
}

function describe(fact: Fact, symbols: ReadonlySet<string>): string {
  if (fact.otherType !== undefined) return describeType(fact.otherType, symbols);
  const dims = fact.shape?.map((dim) => describeDim(dim, symbols));
  const elements = fact.elements?.map((dim) => describeDim(dim, symbols)) ?? [];
  const shown = elements.some((text) => text !== '?') ? `{${elements.join(', ')}}` : '';
  return `${fact.dataType ?? '?'}${describeDims(dims)}${shown}`;
}

function describeDims(dims: readonly string[] | undefined): string {
  if (dims === undefined) return '[]';
  return dims.length === 0 ? '' : `[${dims.join(', ')}]`;
}

function describeDim(dim: Dim, symbols: ReadonlySet<string>): string {
  return [...dim.symbols()].every((name) => symbols.has(name)) ? dim.toString() : '?';
}

function describeType(type: ValueType | undefined, symbols: ReadonlySet<string>): string {
  if (type === undefined) return '?';
  if (type.kind === 'sequence' || type.kind === 'optional')
    return `${type.kind}(${describeType(type.element, symbols)})`;
  if (type.kind !== 'tensor') return type.kind;
  const show = (dimension: Dimension): string =>
    dimension === undefined || (typeof dimension === 'string' && !symbols.has(dimension)) ? '?' : String(dimension);
  return `${type.dataType ?? '?'}${describeDims(type.shape?.map(show))}`;
}
