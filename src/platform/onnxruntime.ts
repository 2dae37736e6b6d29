/**
 * Runs models by a package of ONNX Runtime that the user has: onnxruntime-node or onnxruntime-web, whose interface is that of
 * onnxruntime-common. Only what is used of it is described here, since it is no dependency of ours.
 */
import { modelToBytes } from '../api/save.ts';
import { ModelError } from '../base/errors.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Model } from '../ir/model.ts';
import {
  arrayOfBytes,
  bytesOfArray,
  isArray,
  isStringData,
  type NDArray,
  type RunnableModel,
  type Runner,
  type Session,
} from '../verify/runner.ts';

interface OrtTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release?(): Promise<void>;
}

/** The module, as `import * as ort from 'onnxruntime-web'` gives it. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: string | Uint8Array, options: object): Promise<OrtSession>;
  };
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => OrtTensor;
  readonly env?: { readonly versions?: Readonly<Record<string, string | undefined>> };
}

export interface OnnxRuntimeOptions {
  /** The name of the package, for reports. */
  readonly name: string;
  /** Where the model is handed over as a file: its path, and how to let go of it. Default: its bytes, which must be below 2 GiB. */
  readonly fileOf?: (runnable: RunnableModel) => Promise<ModelFile>;
}

export interface ModelFile {
  readonly path: string;
  close(): void;
}

/** Types of tensors that the packages take and give, by our names. */
const ortTypes: Partial<Record<DataType, string>> = {
  float: 'float32',
  double: 'float64',
  float16: 'float16',
  uint8: 'uint8',
  int8: 'int8',
  uint16: 'uint16',
  int16: 'int16',
  uint32: 'uint32',
  int32: 'int32',
  uint64: 'uint64',
  int64: 'int64',
  bool: 'bool',
  string: 'string',
};
const dataTypes = new Map(Object.entries(ortTypes).map(([dataType, type]) => [type, dataType as DataType]));

/**
 * All graph optimizations are off, so that it is the model itself that runs; weights are not packed beforehand, since that
 * chooses other kernels for constant weights than for computed ones; one thread, so that sums come out alike each time.
 */
const sessionOptions = {
  graphOptimizationLevel: 'disabled',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
  extra: { session: { disable_prepacking: '1' } },
};

export function onnxRuntimeRunner(ort: OnnxRuntime, { name, fileOf }: OnnxRuntimeOptions): Runner {
  return {
    name,
    async open(runnable) {
      refuseTypes(runnable.model);
      const file = await fileOf?.(runnable);
      try {
        const source = file?.path ?? (await modelToBytes(runnable.model, { externalData: 'inline' }));
        const session = await ort.InferenceSession.create(source, sessionOptions);
        return openSession(ort, session, file);
      } catch (error) {
        file?.close();
        throw asModelError(error);
      }
    },
  };
}

function openSession(ort: OnnxRuntime, session: OrtSession, file: ModelFile | undefined): Session {
  return {
    async run(inputs) {
      const feeds: Record<string, OrtTensor> = {};
      for (const [name, value] of inputs) {
        if (value === null || !isArray(value)) throw new ModelError(`input '${name}' is no tensor`, { value: name });
        feeds[name] = toOrt(ort, value);
      }
      try {
        const results = await session.run(feeds);
        return new Map(Object.entries(results).map(([name, tensor]) => [name, fromOrt(name, tensor)]));
      } catch (error) {
        throw asModelError(error);
      }
    },
    async close() {
      await session.release?.();
      file?.close();
    },
  };
}

/** ModelError when an input or output is of a type that the packages do not hand over. */
function refuseTypes({ graph }: Model): void {
  for (const [what, values] of [
    ['input', graph.inputs],
    ['output', graph.outputs],
  ] as const)
    for (const { name, type } of values) {
      if (type === undefined) continue;
      if (type.kind !== 'tensor')
        throw new ModelError(`${what} '${name}' is a ${type.kind}, not a tensor`, { value: name });
      if (type.dataType !== undefined && ortTypes[type.dataType] === undefined)
        throw new ModelError(`${what} '${name}' is of ${type.dataType}`, { value: name });
    }
}

function toOrt(ort: OnnxRuntime, array: NDArray): OrtTensor {
  const { dataType, dims, data } = array;
  const type = ortTypes[dataType];
  if (type === undefined) throw new ModelError(`it does not take ${dataType}`);
  const decoder = new TextDecoder();
  const handed = isStringData(data)
    ? data.map((text) => decoder.decode(text))
    : dataType === 'float16'
      ? new Uint16Array(bytesOfArray(array).buffer)
      : data;
  return new ort.Tensor(type as never, handed as never, dims);
}

function fromOrt(name: string, { type, data, dims }: OrtTensor): NDArray {
  const dataType = dataTypes.get(type);
  if (dataType === undefined) throw new ModelError(`output '${name}' is of ${type}`, { value: name });
  if (dataType === 'string') {
    const encoder = new TextEncoder();
    return { dataType, dims: [...dims], data: (data as readonly string[]).map((text) => encoder.encode(text)) };
  }
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  // A copy: the runtime may use its memory again.
  return arrayOfBytes(dataType, [...dims], new Uint8Array(buffer, byteOffset, byteLength).slice());
}

/** How the runtime tells of a node; the place in its own source is left out. */
const ofNode = /running (\w+) node\. Name:'([^']*)' Status Message: (?:\S+:\d+ .*?\) )?(.*)$/;

/** What the runtime throws is an Error of its own; the first line says it. */
function asModelError(error: unknown): unknown {
  if (error instanceof ModelError || !(error instanceof Error)) return error;
  const [line = ''] = error.message.split('\n');
  const [, operator, node, reason] = ofNode.exec(line) ?? [];
  return new ModelError(reason === undefined ? line : `node ${node} (${operator}): ${reason}`);
}
