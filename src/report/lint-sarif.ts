import type { RulePage } from '../api/explain.ts';
import type { Finding } from '../lint/finding.ts';
import { locationText } from './finding-text.ts';
import type { LintedModel } from './lint-text.ts';
import { printableJson } from './printable.ts';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

/** What makes a finding the same one in the next run: rule, message and place, not its position in the list. */
function fingerprint(path: string, { rule, messageId, graph, node, value }: Finding): string {
  return [path, rule, messageId, graph.join('/'), node, value].join('|');
}

/**
 * A log in the Static Analysis Results Interchange Format 2.1.0 (OASIS), one run. A model is binary, so a finding lies in the file
 * and, by name, in its graph; unreadable files are notifications. Paths are made relative to the repository by `repositoryPath`.
 */
export function lintSarif(
  models: readonly LintedModel[],
  rules: readonly RulePage[],
  repositoryPath: (path: string) => string,
): string {
  const used = new Set(models.flatMap(({ result }) => (result?.findings ?? []).map(({ rule }) => rule)));
  const reported = rules.filter(({ id }) => used.has(id));
  const indices = new Map(reported.map(({ id }, index) => [id, index]));
  const uriOf = (path: string): string => encodeURI(repositoryPath(path).replaceAll('\\', '/'));
  const results = models.flatMap(({ path, result }) =>
    (result?.findings ?? []).map((finding) => ({
      ruleId: finding.rule,
      ...(indices.has(finding.rule) && { ruleIndex: indices.get(finding.rule) }),
      level: levels[finding.severity],
      message: { text: finding.advice === '' ? finding.message : `${finding.message} ${finding.advice}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(path) },
            // Code scanning shows results that have a region; a binary file has but one line.
            region: { startLine: 1 },
          },
          logicalLocations: [
            {
              name: finding.node === '' ? finding.value : finding.node,
              fullyQualifiedName: [...finding.graph, finding.node === '' ? finding.value : finding.node].join('/'),
              kind: finding.node === '' ? 'variable' : 'member',
            },
          ],
        },
      ],
      partialFingerprints: { 'onnxPreflight/v1': fingerprint(uriOf(path), finding) },
      properties: {
        confidence: finding.confidence,
        stage: finding.stage,
        targets: finding.targets,
        place: locationText(finding),
        goneAfterSimplify: finding.goneAfterSimplify,
        ...(finding.basis !== undefined && { basis: finding.basis }),
      },
    })),
  );
  const notifications = models
    .filter(({ error }) => error !== undefined)
    .map(({ path, error }) => ({
      level: 'error',
      message: { text: error ?? '' },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }],
    }));
  return printableJson({
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: {
          driver: {
            name: 'onnx-preflight',
            rules: reported.map(({ id, summary, why, severity = 'warning' }) => ({
              id,
              shortDescription: { text: summary },
              fullDescription: { text: why },
              defaultConfiguration: { level: levels[severity] },
            })),
          },
        },
        invocations: [{ executionSuccessful: notifications.length === 0, toolExecutionNotifications: notifications }],
        results,
      },
    ],
  });
}
