/** Cases in which inputs are constants: what folding and shape inference are about. */
import { decodeMessage, encodeMessage, onnx, type TensorProto } from '../../src/wire/codec.ts';

export interface StoredInput {
  readonly name: string;
  /** A TensorProto. */
  readonly bytes: Uint8Array;
}

/** The model with inputs turned into initializers; before IR 4 every initializer is an input, too. */
export function withStored(bytes: Uint8Array, stored: readonly StoredInput[]): Uint8Array {
  const model = decodeMessage(onnx.ModelProto, bytes);
  const graph = model.graph ?? {};
  const names = new Set(stored.map(({ name }) => name));
  graph.initializer = [
    ...(graph.initializer ?? []),
    ...stored.map(({ name, bytes: tensor }): TensorProto => ({ ...decodeMessage(onnx.TensorProto, tensor), name })),
  ];
  if (Number(model.irVersion ?? 0) >= 4) graph.input = (graph.input ?? []).filter(({ name }) => !names.has(name ?? ''));
  return encodeMessage(onnx.ModelProto, { ...model, graph });
}
