/** What may run models, in the order in which it is looked for. */
export const runnerNames = ['onnxruntime-node', 'onnxruntime-web', 'built-in'] as const;
export type RunnerName = (typeof runnerNames)[number];
