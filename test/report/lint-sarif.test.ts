import { describe, expect, test } from '@jest/globals';
import { allRules } from '../../src/api/explain.ts';
import { lint } from '../../src/api/lint.ts';
import { lintSarif } from '../../src/report/lint-sarif.ts';
import { parseModel } from '../../src/text/parse.ts';

interface Log {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
    readonly invocations: readonly {
      readonly executionSuccessful: boolean;
      readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[];
    }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
        readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[];
      }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

const model = parseModel('agraph (float[2, 3, 3] x) => (float[2] y, float[2, 3, 3] z) { y = Det (x)  z = Neg (x) }');

function logOf(): Log {
  const linted = [
    { path: 'a b.onnx', result: lint(model, { targets: ['tensorrt@8.6', 'tensorrt@10.16'] }) },
    { path: 'broken.onnx', error: 'it is no ONNX file' },
  ];
  return JSON.parse(lintSarif(linted, allRules(), (path) => `models/${path}`)) as Log;
}

describe('the structure that SARIF 2.1.0 requires', () => {
  const log = logOf();
  const [run] = log.runs;

  test('a log has a version and runs, a run a tool with a named driver', () => {
    expect(log.version).toBe('2.1.0');
    expect(log.runs).toHaveLength(1);
    expect(run?.tool.driver.name).toBe('onnx-preflight');
  });

  test('each result names a rule of the driver by id and index, has a level, a text and a place', () => {
    expect(run?.results.length).toBeGreaterThan(0);
    for (const result of run?.results ?? []) {
      expect(run?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['none', 'note', 'warning', 'error']).toContain(result.level);
      expect(result.message.text).not.toBe('');
      const [location] = result.locations;
      expect(location?.physicalLocation.artifactLocation.uri).toBe('models/a%20b.onnx');
      expect(location?.physicalLocation.region.startLine).toBeGreaterThan(0);
      expect(location?.logicalLocations[0]?.fullyQualifiedName).toContain('agraph');
    }
    expect(new Set(run?.tool.driver.rules.map(({ id }) => id)).size).toBe(run?.tool.driver.rules.length);
  });

  test('what could not be read is a notification, and the run did not succeed', () => {
    const [invocation] = run?.invocations ?? [];
    expect(invocation?.executionSuccessful).toBe(false);
    expect(invocation?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual(['it is no ONNX file']);
  });

  test('fingerprints tell findings apart and stay the same from run to run', () => {
    const prints = (run?.results ?? []).map(({ partialFingerprints }) => partialFingerprints['onnxPreflight/v1']);
    expect(new Set(prints).size).toBe(prints.length);
    expect(prints).toEqual(
      logOf().runs[0]?.results.map(({ partialFingerprints }) => partialFingerprints['onnxPreflight/v1']),
    );
  });
});
