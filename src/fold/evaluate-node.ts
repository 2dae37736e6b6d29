import { ModelError } from '../base/errors.ts';
import type { Attribute } from '../ir/attribute.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import { AttributeReader } from '../opset/attributes.ts';
import { findSchema, latestVersion, type Schema, typesOf } from '../opset/schema.ts';
import { arrayOf, createData, type NDArray, tensorOf } from './array.ts';
import { type Exactness, type Kernel, KernelContext } from './kernel.ts';
import { findKernel } from './kernels/index.ts';
import { KernelRefusal } from './refusal.ts';

export interface Evaluation<Result> {
  /** At least as many as the node has; undefined where it has none. */
  readonly outputs: readonly (Result | undefined)[];
  readonly exactness: Exactness;
}

/** Why a node was not computed: there is no kernel, or its result is undefined, or something is missing. */
export interface EvaluationRefusal {
  readonly refusal: string;
}

export interface EvaluationOptions {
  /** Attributes with the references to a function's attributes resolved; the node's own by default. */
  readonly attributes?: ReadonlyMap<string, Attribute>;
  /** Imported opset version of the node's domain, for a node that has left its graph. */
  readonly opset?: number;
  /** Compute what the standard leaves undefined as the reference implementation does, instead of refusing it. */
  readonly followReference?: boolean;
}

/**
 * Computes one node of a standard operator from its inputs, at the opset version its graph imports.
 * Refuses, with the reason, what has no kernel and what the standard leaves undefined. Whether the result may
 * replace the node is another question: see policy.ts.
 */
export function evaluateArrays(
  node: Node,
  inputs: readonly (NDArray | undefined)[],
  options: EvaluationOptions = {},
): Evaluation<NDArray> | EvaluationRefusal {
  const attributes = options.attributes ?? node.attributes;
  const found = findRecipe(
    node,
    inputs.map((array) => array?.dataType),
    options,
  );
  if ('refusal' in found) return found;
  const { opset, schema, kernel } = found;
  const context = new KernelContext(
    node.opType,
    opset,
    new AttributeReader(attributes, schema),
    inputs,
    Math.max(1, node.outputs.length),
    options.followReference !== true,
  );
  try {
    const result = kernel.run(context);
    const exactness = typeof kernel.exactness === 'function' ? kernel.exactness(context) : kernel.exactness;
    return { outputs: 'dims' in result ? [result] : result, exactness };
  } catch (error) {
    if (error instanceof KernelRefusal || error instanceof ModelError) return { refusal: error.message };
    // An array longer than the engine allows: the model asks for it, so it is no bug of ours.
    if (error instanceof RangeError) return { refusal: `the result is too large: ${error.message}` };
    throw error;
  }
}

/** ONNX Runtime's own operators: not of the standard, but written by its tools. */
const CONTRIBUTED = 'com.microsoft';

interface Recipe {
  readonly opset: number;
  /** The standard does not know the operators of com.microsoft. */
  readonly schema: Schema | undefined;
  readonly kernel: Kernel;
}

/** What computes a node, by its operator, its opset and the types of its inputs; or why nothing does. */
export function findRecipe(
  node: Node,
  dataTypes: readonly (DataType | undefined)[],
  options: EvaluationOptions = {},
): Recipe | EvaluationRefusal {
  for (const [name, { kind }] of options.attributes ?? node.attributes)
    if (kind === 'reference') return { refusal: `attribute '${name}' is an attribute of the function` };
  const opset = options.opset ?? node.graph?.opsetVersion(node.domain);
  if (opset === undefined) return { refusal: `domain '${node.domain}' is not imported` };
  const kernel = findKernel(node.operator);
  if (node.domain === CONTRIBUTED && kernel !== undefined) {
    const { standard } = kernel;
    const schema = standard && findSchema('', standard.opType, standard.opset);
    return { opset: standard?.opset ?? opset, schema, kernel };
  }
  const schema = findSchema(node.domain, node.opType, opset);
  if (schema === undefined) return { refusal: `${node.operator} is no standard operator of opset ${opset}` };
  const newest = latestVersion(node.domain) ?? opset;
  if (opset > newest) return { refusal: `opset ${opset} is newer than ${newest}, the newest these kernels know` };
  if (kernel === undefined) return { refusal: `there is no kernel for ${node.operator}` };
  const wrong = wrongType(schema, dataTypes);
  return wrong === undefined ? { opset, schema, kernel } : { refusal: wrong };
}

/** As evaluateArrays, on tensors; inputs whose elements are not in memory are refused. */
export function evaluateNode(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
): Evaluation<Tensor> | EvaluationRefusal {
  const arrays: (NDArray | undefined)[] = [];
  for (const [index, tensor] of inputs.entries()) {
    if (tensor !== undefined && !tensor.isResident && readsHeadOnly(node, index)) {
      arrays.push({ dataType: tensor.dataType, dims: tensor.dims, data: createData(tensor.dataType, 0) });
      continue;
    }
    if (tensor !== undefined && !tensor.isResident)
      return { refusal: `the elements of input ${index} are not in memory` };
    try {
      arrays.push(tensor === undefined ? undefined : arrayOf(tensor));
    } catch (error) {
      if (error instanceof ModelError) return { refusal: error.message };
      throw error;
    }
  }
  const result = evaluateArrays(node, arrays);
  if ('refusal' in result) return result;
  const outputs = result.outputs.map((array, index) =>
    array === undefined ? undefined : tensorOf(array, node.outputs[index]?.name),
  );
  return { outputs, exactness: result.exactness };
}

/** True where an operator asks an input for its type and dims only: the elements need not be in memory. */
function readsHeadOnly(node: Node, index: number): boolean {
  if (node.domain !== '') return false;
  const isFirst = index === 0 && ['Shape', 'Size', 'EyeLike'].includes(node.opType);
  return isFirst || (index === 1 && node.opType === 'CastLike');
}

/** What is wrong with the element types of the inputs, by the operator's schema: kernels rely on them. */
function wrongType(schema: Schema, dataTypes: readonly (DataType | undefined)[]): string | undefined {
  const bound = new Map<string, string>();
  for (const [index, { name, option }] of schema.inputs.entries()) {
    if (option === 'single' && dataTypes[index] === undefined) return `${schema.name} lacks its input '${name}'`;
  }
  for (const [index, dataType] of dataTypes.entries()) {
    if (dataType === undefined) continue;
    const parameter = schema.inputs[Math.min(index, schema.inputs.length - 1)];
    if (parameter === undefined) return `${schema.name} takes no input`;
    const allowed = typesOf(schema, parameter);
    const type = `tensor(${dataType})`;
    const isOptional = `optional(${type})`;
    if (!allowed.includes(type) && !allowed.includes(isOptional))
      return `${schema.name}-${schema.sinceVersion} does not take ${dataType} as '${parameter.name}'`;
    const isSame = parameter.homogeneous || parameter.option !== 'variadic';
    const before = bound.get(parameter.type);
    if (isSame && before !== undefined && before !== type)
      return `inputs of ${schema.name} that must share a type are ${before} and ${type}`;
    if (isSame) bound.set(parameter.type, type);
  }
  return undefined;
}
