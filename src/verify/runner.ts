/** The port behind which models run: ONNX Runtime of the user's, or our own evaluator. */
import { arrayOf, type NDArray } from '../fold/array.ts';
import type { RuntimeValue } from '../fold/runtime-value.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Model } from '../ir/model.ts';
import { Tensor } from '../ir/tensor.ts';

// What runners of the platforms need to hand values over.
export { bytesOfArray, createData, isStringData, type NDArray } from '../fold/array.ts';
export { isArray, type RuntimeValue } from '../fold/runtime-value.ts';

/** An array of a type other than string from its bytes, as raw_data has them. */
export function arrayOfBytes(dataType: DataType, dims: readonly number[], bytes: Uint8Array): NDArray {
  return arrayOf(new Tensor(dataType, dims, bytes));
}

export interface RunnableModel {
  readonly model: Model;
  /** The model is as it was read: the file that it came from, if there is one, may be run in its place. */
  readonly isAsRead: boolean;
}

/** Values of any type by the names of the graph's inputs or outputs. */
export type Values = ReadonlyMap<string, RuntimeValue>;

export interface Session {
  /** Computes the outputs. Inputs with a default may be left out. ModelError when the model cannot be computed on them. */
  run(inputs: Values): Promise<Values>;
  /** Lets go of what the session holds: memory, temporary files. */
  close(): Promise<void>;
}

export interface Runner {
  /** As reports call it, its version included. */
  readonly name: string;
  /** Makes a model ready to run, graph optimizations switched off. ModelError when this runner cannot take it. */
  open(model: RunnableModel): Promise<Session>;
}
