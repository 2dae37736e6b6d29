import type { Finding } from '../lint/finding.ts';
import type { Problem } from '../ir/problem.ts';

/** A problem as lint says it: it holds whatever the target is. */
export function findingOfProblem(problem: Problem): Finding {
  const { rule, messageId, message, advice, severity, effect, place } = problem;
  return {
    rule,
    messageId,
    arguments: problem.arguments,
    message,
    advice,
    severity,
    confidence: 'certain',
    stage: 'parse',
    targets: [],
    graph: place.graph ?? [],
    node: place.node ?? '',
    nodeIndex: place.nodeIndex,
    opType: place.opType ?? '',
    value: place.value ?? '',
    goneAfterSimplify: effect === 'repair',
    ...(place.offset !== undefined && { offset: place.offset }),
    ...(effect === 'repair' && { fix: { description: 'onnx-preflight lint --fix repairs it' } }),
  };
}
