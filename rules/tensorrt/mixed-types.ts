import { lint, type ParserType, version } from '../../src/rule-kit.ts';
import { constraint, type ConstraintId } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

const elementwise =
  'Add Sub Mul Div Max Min Sum Mean Greater Less GreaterOrEqual LessOrEqual Equal Mod And Or Xor'.split(' ');
const products = ['MatMul', 'Gemm'];

function rowOf(opType: string): ConstraintId {
  if (opType === 'Where') return 'where-types';
  if (opType === 'MatMul') return 'matmul-type-7';
  return opType === 'Gemm' ? 'typing-mixed-elementwise' : 'helper-elementwise-mixed-types';
}

export default lint({
  id: 'tensorrt/mixed-types',
  summary: 'Operands of one operator differ in type.',
  why: 'A strongly typed network, and every network is one from 11.0 on, casts nothing by itself ("ElementWiseOperation SUM must have same input types").',
  severity: 'error',
  errors: [
    'ElementWiseOperation SUM must have same input types',
    'operation PROD has incompatible input types Float and Half',
  ],
  messages: {
    mixed: '{op} {node} reads {first} and {second}, of types {firstType} and {secondType}; {tensorrt} wants one type.',
  },
  advice: 'Cast one of {first} and {second} to the type of the other.',
  operators: [...elementwise, ...products, 'Where'],

  check(node, { model, target, view, report }) {
    const isOldProduct = node.opType === 'MatMul' && target.version < version('7.1');
    if ((!target.stronglyTyped && !isOldProduct) || dispatch(model, node, target) !== 'importer') return;
    const operands = node.opType === 'Where' ? node.inputs.slice(1) : node.inputs;
    let first: { readonly name: string; readonly type: ParserType } | undefined;
    for (const value of operands) {
      const type = value === undefined ? undefined : view.importedType(value);
      if (value === undefined || type === undefined) continue;
      if (first === undefined) first = { name: value.name, type };
      else if (first.type !== type) {
        report(
          'mixed',
          { first: first.name, second: value.name, firstType: first.type, secondType: type },
          { value, basis: constraint(rowOf(node.opType)) },
        );
        return;
      }
    }
  },

  examples: [
    {
      title: 'float and float16, which the standard forbids too',
      model: `agraph (float[2] x, float16[2] z) => (float[2] y) { y = Add (x, z) }`,
      reports: ['mixed'],
    },
    {
      title: 'before 11.0 the builder chooses types itself',
      model: `agraph (float[2] x, float16[2] z) => (float[2] y) { y = Add (x, z) }`,
      target: 'tensorrt@10.3',
      reports: [],
    },
    {
      title: 'double is float to TensorRT',
      model: `agraph (float[2] x) => (float[2] y) <float[1] bias = {1}> { y = Add (x, bias) }`,
      reports: [],
    },
  ],
});
