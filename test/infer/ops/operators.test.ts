import { describe, expect, test } from '@jest/globals';
import { inferModel } from '../../../src/infer/infer-model.ts';
import { laws } from '../../../src/infer/ops/index.ts';
import { attribute, type Attribute } from '../../../src/ir/attribute.ts';
import { type DataType, isDataType } from '../../../src/ir/data-type.ts';
import { Graph } from '../../../src/ir/graph.ts';
import { Model } from '../../../src/ir/model.ts';
import { Node } from '../../../src/ir/node.ts';
import { Value } from '../../../src/ir/value.ts';
import { tensorType, type ValueType } from '../../../src/ir/value-type.ts';
import { type AttributeSchema, operatorNames, type Schema, schemaVersions } from '../../../src/opset/schema.ts';

const operators = laws.flatMap((law) => law.operators);

test('no operator is served by two laws', () => {
  expect(operators.filter((name, index) => operators.indexOf(name) !== index)).toEqual([]);
});

test.each(['', 'ai.onnx.ml', 'ai.onnx.preview', 'ai.onnx.preview.training'])(
  "every operator of the domain '%s' is served",
  (domain) => {
    const full = (name: string): string => (domain === '' ? name : `${domain}::${name}`);
    expect(operatorNames(domain).filter((name) => !operators.includes(full(name)))).toEqual([]);
  },
);

test('no law serves an operator of ai.onnx that does not exist', () => {
  const unknown = operators.filter((name) => !name.includes('::') && schemaVersions('', name).length === 0);
  // ONNX Runtime's optimizer writes this one into ai.onnx.
  expect(unknown).toEqual(['SimplifiedLayerNormalization']);
});

const samples: Readonly<Record<string, Attribute>> = {
  equation: attribute.string('equation', 'a->a'),
  direction: attribute.string('direction', 'LEFT'),
  update_rule: attribute.string('update_rule', 'linear'),
  mode: attribute.string('mode', 'TF'),
};

function sampleOf({ name, kind }: AttributeSchema): Attribute {
  const sample = samples[name];
  if (sample !== undefined) return sample;
  if (kind === 'string') return attribute.string(name, 'FLOAT');
  if (kind === 'int') return attribute.int(name, 1);
  if (kind === 'ints') return attribute.ints(name, [1, 1]);
  if (kind === 'float') return attribute.float(name, 1);
  if (kind === 'floats') return attribute.floats(name, [1, 1]);
  throw new Error(`no sample for attribute '${name}' of kind ${kind}`);
}

/** The type string `tensor(...)` or `seq(tensor(...))`, of unknown shape. */
function typeOf(text: string): ValueType {
  const [, inner] = /^(?:seq|optional)\((.*)\)$/.exec(text) ?? [];
  if (inner !== undefined) return { kind: text.startsWith('seq') ? 'sequence' : 'optional', element: typeOf(inner) };
  const [, name = ''] = /^tensor\((.*)\)$/.exec(text) ?? [];
  if (!isDataType(name)) throw new Error(`no tensor type: ${text}`);
  return tensorType(name);
}

/** A model of one call with the inputs it must have, of unknown shape; each type parameter has the last of its types. */
function callOf(schema: Schema): { readonly model: Model; readonly expected: ReadonlyMap<Value, DataType> } {
  const parameters = new Map<string, string>();
  const resolve = (type: string): string => {
    const allowed = schema.typeConstraints.get(type);
    if (allowed === undefined) return type;
    const chosen = parameters.get(type) ?? allowed.at(-1) ?? type;
    parameters.set(type, chosen);
    return chosen;
  };
  const inputs = schema.inputs
    .slice(0, Math.max(schema.minInputs, 1))
    .map((input, index) => new Value(`in${index}`, { type: typeOf(resolve(input.type)) }));
  const outputs = schema.outputs.slice(0, Math.max(schema.minOutputs, 1)).map((_, index) => new Value(`out${index}`));
  const attributes = [...schema.attributes.values()]
    .filter(({ name, required }) => required || name === 'update_rule')
    .map(sampleOf);
  const graph = new Graph({ name: 'call' });
  inputs.forEach((input) => graph.addInput(input));
  graph.append(new Node(schema.name, inputs, outputs, { attributes }));
  outputs.forEach((output) => graph.addOutput(output));
  const expected = new Map<Value, DataType>();
  outputs.forEach((output, index) => {
    const type = schema.outputs[index]?.type ?? '';
    const given = parameters.get(type) ?? (schema.typeConstraints.has(type) ? undefined : type);
    const known = given === undefined ? undefined : typeOf(given);
    if (known?.kind === 'tensor' && known.dataType !== undefined) expected.set(output, known.dataType);
  });
  const model = new Model({ irVersion: 10, graph, opsetImports: new Map([['', schema.sinceVersion]]) });
  return { model, expected };
}

describe('the types of outputs are those of the schema, in every version', () => {
  // Control flow has its types from its bodies; Constant and Optional from what they hold.
  const apart = new Set(['Constant', 'If', 'Loop', 'Optional', 'Scan', 'SequenceMap']);
  const served = operatorNames('').filter((name) => operators.includes(name) && !apart.has(name));
  const versions = served.flatMap((name) => schemaVersions('', name).map((schema) => ({ name, schema })));

  test.each(versions.map(({ name, schema }) => [name, schema.sinceVersion, schema] as const))(
    '%s-%i',
    (_name, _version, schema) => {
      const { model, expected } = callOf(schema);
      const facts = inferModel(model);
      expect(facts.contradictions).toEqual([]);
      for (const [output, dataType] of expected) expect(facts.get(output).dataType).toBe(dataType);
    },
  );
});
