import { dataTypeOfCode, lint, type ParserType, parserTypeOf } from '../../src/rule-kit.ts';
import { dispatch } from './facts/dispatch.ts';
import { constraint, evidence } from './facts/constraints.ts';
import { missingTypeRow, refusalOf } from './facts/types.ts';

const INTEGERS: readonly ParserType[] = ['INT32', 'INT64'];

export default lint({
  id: 'tensorrt/unsupported-type',
  summary: 'TensorRT has no such element type, or the operator does not take it.',
  why: 'The parser maps each ONNX element type to one of its own and stops where there is none ("Assertion failed: convertDtype(onnxDtype.elem_type(), &trtDtype)"); importers and layers take a part of those types only.',
  severity: 'error',
  errors: [
    'Assertion failed: convertDtype(onnxDtype.elem_type(), &trtDtype)',
    'Unsupported ONNX data type: UINT8 (2)',
    'Unsupported ONNX data type: STRING (8)',
    'Found unsupported datatype (8) when importing initializer',
    'Found unsupported datatype (11) when importing initializer',
    'tensorPtr->getType() != DataType::kINT32',
    'operation PROD has incompatible input types Float and Bool',
    'elementwise inputs must not be Int32',
    'The fmod attribute is set to 0. Inputs cannot be of floating point types.',
    'Invalid input type for ConstantOfShape',
  ],
  messages: {
    input: 'Graph input {value} is {type}, which {tensorrt} has no type for.',
    output: 'Graph output {value} is {type}, which {tensorrt} has no type for.',
    notTensor: 'Graph input {value} is {kind}; {tensorrt} takes tensors only.',
    int32Output:
      'Graph output {value} is declared {type}, but {tensorrt} computes it from uint8 constants, which it holds as INT32.',
    initializer: 'Initializer {value} is {type}, which {tensorrt} cannot import, used or not.',
    sparse: 'Initializer {value} is sparse, which {tensorrt} does not read; what uses it finds no such value.',
    constant: '{op} {node} holds {type}, which {tensorrt} cannot import.',
    cast: '{op} {node} casts to {type}, which {tensorrt} has no type for.',
    operator: '{op} {node} reads {value} of type {type}, which {tensorrt} does not take there.',
  },
  advice: {
    input: 'Feed the model {value} in a type that TensorRT has (float, float16, int32, int64 ...) and cast it there.',
    output: 'Cast {value} to a type that TensorRT has before it leaves the model.',
    notTensor: 'Give the model one tensor input for each element.',
    int32Output: 'Store the constants in another type and cast {value} to uint8 last.',
    initializer: 'Store {value} in a type that TensorRT has; int32 or int64 hold every narrower integer exactly.',
    sparse: 'Store {value} as a dense tensor.',
    constant: 'Store the constant in a type that TensorRT has.',
    cast: 'Cast to a type that TensorRT has.',
    operator: 'Cast {value} to a type that the operator takes before it, and back after it.',
  },

  checkModel({ model, target, view, report }) {
    for (const value of model.graph.inputs) {
      if (value.initializer !== undefined) continue;
      const { isNoTensor, dataType, type } = view.value(value);
      if (isNoTensor)
        report(
          'notTensor',
          { value: value.name, kind: value.type?.kind ?? 'no tensor' },
          { value, basis: constraint('model-input-not-tensor') },
        );
      else if (dataType !== undefined && type === undefined)
        report(
          'input',
          { value: value.name, type: dataType },
          { value, basis: constraint(missingTypeRow(dataType, target.version) ?? 'model-input-dtype-unmapped') },
        );
    }
    for (const value of model.graph.outputs) {
      const declared = value.type?.kind === 'tensor' ? value.type.dataType : undefined;
      if (declared === 'uint8' && view.importedType(value) === 'INT32')
        report(
          'int32Output',
          { value: value.name, type: declared },
          { value, basis: constraint('model-output-int32-type') },
        );
      else if (declared !== undefined && parserTypeOf(declared, target.version) === undefined)
        report(
          'output',
          { value: value.name, type: declared },
          { value, basis: constraint('model-output-dtype-unmapped') },
        );
    }
    for (const value of model.graph.initializers) {
      if (value.sparseInitializer !== undefined)
        report('sparse', { value: value.name }, { value, basis: constraint('init-sparse') });
      const { dataType, type } = view.value(value);
      if (dataType !== undefined && type === undefined)
        report(
          'initializer',
          { value: value.name, type: dataType },
          { value, basis: constraint(missingTypeRow(dataType, target.version, true) ?? 'init-dtype') },
        );
    }
  },

  check(node, { model, target, view, attributes, input, output, report }) {
    const { opType } = node;
    if (dispatch(model, node, target) !== 'importer') return;
    for (const subgraph of ['If', 'Loop', 'Scan'].includes(opType) ? node.subgraphs : [])
      for (const value of subgraph.initializers) {
        const { dataType, type } = view.value(value);
        if (dataType !== undefined && type === undefined)
          report(
            'initializer',
            { value: value.name, type: dataType },
            { value, basis: constraint(missingTypeRow(dataType, target.version) ?? 'init-dtype') },
          );
      }
    if (opType === 'Constant') {
      const held = output(0);
      if (held?.weights !== undefined && held.type === undefined)
        report(
          'constant',
          { type: held.weights.dataType },
          {
            value: held.value,
            basis: constraint(missingTypeRow(held.weights.dataType, target.version, true) ?? 'init-dtype'),
          },
        );
      return;
    }
    if (opType === 'Cast' || opType === 'CastLike' || opType === 'BitCast') {
      const to = output(0);
      const code = attributes.number('to');
      const type = code === undefined ? to?.dataType : dataTypeOfCode(code);
      if (type !== undefined && parserTypeOf(type, target.version) === undefined)
        report(
          'cast',
          { type },
          { value: to?.value, basis: constraint(missingTypeRow(type, target.version) ?? 'cast-target') },
        );
      return;
    }
    // Clip of int8 with a constant minimum and no maximum takes another way (observed with 11.4).
    if (opType === 'Clip' && input(1)?.isWeights === true && input(2) === undefined) return;
    node.inputs.forEach((value, index) => {
      const type = value === undefined ? undefined : view.importedType(value);
      if (value === undefined || type === undefined) return;
      // Integer Mod is what TensorRT calls floor modulo; floats need fmod = 1 (importMod).
      const isFloatModulo = opType === 'Mod' && attributes.int('fmod') !== 1n && !INTEGERS.includes(type);
      const found = isFloatModulo
        ? evidence('mod-fmod0-float', target.version)
        : refusalOf(opType, index, type, target);
      if (found !== undefined)
        report('operator', { value: value.name, type: input(index)?.dataType ?? type }, { value, ...found });
    });
  },

  examples: [
    {
      title: 'uint16 has no counterpart, at an input or as an initializer',
      model: `agraph (uint16[2] x) => (float[2] y) <int16[2] offset = {1, 2}> {
        a = Cast <to = 1> (x)
        b = Cast <to = 1> (offset)
        y = Add (a, b)
      }`,
      reports: ['input', 'initializer'],
    },
    {
      title: 'bfloat16 came with 9.0',
      model: `agraph (float[2] x) => (float[2] y) {
        a = Cast <to = 16> (x)
        y = Cast <to = 1> (a)
      }`,
      target: 'tensorrt@8.6',
      reports: ['cast'],
    },
    {
      title: 'a sequence at an input',
      model: `agraph (seq(float[2]) parts, float[2] x) => (float[2] y) { y = Neg (x) }`,
      reports: ['notTensor'],
    },
    {
      title: 'a sparse initializer',
      model: `agraph (float[3] x) => (float[3] y) <sparse_tensor(float[3]) w = {float[1] {1}, int64[1] {0}}> { y = Add (x, w) }`,
      reports: ['sparse'],
    },
    {
      title: 'a Constant of uint64',
      model: `agraph (float[1] x) => (float[1] y) {
        k = Constant <value = uint64[1] {1}> ()
        f = Cast <to = 1> (k)
        y = Add (x, f)
      }`,
      reports: ['constant'],
    },
    {
      title: 'uint8 constants are int32 inside',
      model: `agraph (float[1] x) => (uint8[1] y, float[1] z) <uint8[1] k = {3}> {
        y = Identity (k)
        z = Neg (x)
      }`,
      reports: ['int32Output'],
    },
    {
      title: 'an output that TensorRT has no type for',
      model: `agraph (float[2] x) => (uint16[2] y) { y = Cast <to = 4> (x) }`,
      reports: ['output', 'cast'],
    },
    {
      title: 'MatMul of integers',
      model: `agraph (int64[2, 2] x) => (int64[2, 2] y) { y = MatMul (x, x) }`,
      reports: ['operator'],
    },
    {
      title: 'Mod of floats without fmod',
      model: `agraph (float[2] x, float[2] divisor) => (float[2] y) { y = Mod <fmod = 1> (x, divisor) }`,
      reports: [],
    },
    {
      title: 'double is narrowed to float, which is another matter',
      model: `agraph (double[2] x) => (double[2] y) { y = Neg (x) }`,
      reports: [],
    },
  ],
});
