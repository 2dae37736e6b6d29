import { describe, expect, test } from '@jest/globals';
import { textOf } from '../../src/ir/attribute.ts';
import { encodedSchemas } from '../../src/opset/generated/schemas.ts';
import { findSchema, latestVersion, operatorNames, schemaVersions } from '../../src/opset/schema.ts';

describe('findSchema', () => {
  test('takes the greatest since_version that is not above the imported opset', () => {
    expect(findSchema('', 'Reshape', 4)?.sinceVersion).toBe(1);
    expect(findSchema('', 'Reshape', 5)?.sinceVersion).toBe(5);
    expect(findSchema('', 'Reshape', 18)?.sinceVersion).toBe(14);
    expect(findSchema('', 'Reshape', 1000)?.sinceVersion).toBe(25);
    expect(findSchema('', 'LayerNormalization', 16)).toBeUndefined();
  });

  test("'' and 'ai.onnx' are one domain", () => {
    expect(findSchema('ai.onnx', 'Relu', 14)).toBe(findSchema('', 'Relu', 14));
  });

  test('knows nothing of other domains, other operators, or names that every object has', () => {
    expect(findSchema('com.microsoft', 'Gelu', 1)).toBeUndefined();
    expect(findSchema('', 'Conv2D', 17)).toBeUndefined();
    expect(findSchema('', 'constructor', 17)).toBeUndefined();
    expect(findSchema('__proto__', 'toString', 17)).toBeUndefined();
  });

  test('decodes arity, parameters and type constraints', () => {
    const clip = findSchema('', 'Clip', 13);
    expect([clip?.minInputs, clip?.maxInputs, clip?.minOutputs, clip?.maxOutputs]).toEqual([1, 3, 1, 1]);
    expect(clip?.inputs.map(({ name, option }) => [name, option])).toEqual([
      ['input', 'single'],
      ['min', 'optional'],
      ['max', 'optional'],
    ]);
    expect(clip?.typeConstraints.get('T')).toContain('tensor(bfloat16)');
    expect(findSchema('', 'Clip', 12)?.typeConstraints.get('T')).not.toContain('tensor(bfloat16)');
    expect(findSchema('', 'Shape', 15)?.typeConstraints.get('T1')).toEqual(['tensor(int64)']);

    const concat = findSchema('', 'Concat', 13);
    expect(concat?.maxInputs).toBe(Infinity);
    expect(concat?.inputs).toEqual([{ name: 'inputs', type: 'T', option: 'variadic', homogeneous: true }]);
    expect(concat?.attributes.get('axis')).toEqual({ name: 'axis', kind: 'int', required: true, default: undefined });
    expect(findSchema('', 'Loop', 16)?.inputs[2]).toEqual({
      name: 'v_initial',
      type: 'V',
      option: 'variadic',
      homogeneous: false,
    });
    expect(findSchema('', 'NonZero', 13)?.outputs[0]?.type).toBe('tensor(int64)');
  });

  test('decodes defaults of every kind as attributes', () => {
    const lrn = findSchema('', 'LRN', 13)?.attributes.get('alpha')?.default;
    expect(lrn).toEqual({ kind: 'float', name: 'alpha', value: Math.fround(1e-4) });
    expect(findSchema('', 'Transpose', 13)?.attributes.get('perm')?.default).toBeUndefined();
    expect(findSchema('', 'Softmax', 11)?.attributes.get('axis')?.default).toEqual({
      kind: 'int',
      name: 'axis',
      value: 1n,
    });
    expect(findSchema('', 'Softmax', 13)?.attributes.get('axis')?.default).toEqual({
      kind: 'int',
      name: 'axis',
      value: -1n,
    });
    expect(findSchema('', 'MeanVarianceNormalization', 13)?.attributes.get('axes')?.default).toEqual({
      kind: 'ints',
      name: 'axes',
      value: [0n, 2n, 3n],
    });
    const autoPad = findSchema('', 'Conv', 11)?.attributes.get('auto_pad')?.default;
    expect(autoPad?.kind === 'string' && textOf(autoPad.value)).toBe('NOTSET');
    const activations = findSchema('', 'RNN', 14)?.attributes.get('activations')?.default;
    expect(activations?.kind === 'strings' && activations.value.map(textOf)).toEqual(['Tanh', 'Tanh']);
  });

  test('knows deprecated operators and function bodies', () => {
    expect(findSchema('', 'Upsample', 9)?.deprecated).toBe(false);
    expect(findSchema('', 'Upsample', 10)?.deprecated).toBe(true);
    expect(findSchema('', 'Gelu', 20)?.hasFunction).toBe(true);
    expect(findSchema('', 'Conv', 11)?.hasFunction).toBe(false);
  });
});

describe('the whole table', () => {
  const all = Object.keys(encodedSchemas).flatMap((domain) =>
    operatorNames(domain).flatMap((name) => schemaVersions(domain, name).map((schema) => schema)),
  );

  test('holds the 659 schemas of onnx 1.23.1', () => {
    expect(all).toHaveLength(659);
    expect(operatorNames('')).toHaveLength(203);
    expect(operatorNames('ai.onnx.ml')).toHaveLength(19);
    expect(operatorNames('com.microsoft')).toEqual([]);
  });

  test('has versions in order, and parameters whose types are known', () => {
    for (const schema of all) {
      const versions = schemaVersions(schema.domain, schema.name);
      const index = versions.indexOf(schema);
      expect((versions[index - 1]?.sinceVersion ?? 0) < schema.sinceVersion).toBe(true);
      expect(schema.minInputs).toBeLessThanOrEqual(schema.maxInputs);
      for (const { type } of [...schema.inputs, ...schema.outputs])
        if (!schema.typeConstraints.has(type)) expect(type).toMatch(/^(tensor|seq|map|optional|sparse_tensor)\(.+\)$/);
      for (const types of schema.typeConstraints.values())
        for (const type of types) expect(type).toMatch(/^(tensor|seq|map|optional|sparse_tensor)\(.+\)$/);
    }
  });

  test('says the newest opset of each domain', () => {
    expect(latestVersion('')).toBe(28);
    expect(latestVersion('ai.onnx')).toBe(28);
    expect(latestVersion('ai.onnx.ml')).toBe(5);
    expect(latestVersion('ai.onnx.preview.training')).toBe(1);
    expect(latestVersion('com.microsoft')).toBeUndefined();
  });
});
