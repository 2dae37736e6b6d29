/** What the library is on every platform: the part of the doors that they share. */

// Read and write.
export { loadModel } from './api/load.ts';
export { modelToBytes, saveModel } from './api/save.ts';
export { saveModelAs } from './api/save-form.ts';
export type { ModelForm, ModelFormat } from './wire/forms/form.ts';
export type { ExternalDataOptions, ExternalDataPolicy } from './api/external-options.ts';
export { type ByteSource, MemorySource } from './wire/byte-source.ts';

// The two verbs, and what they say.
export { simplify, simplifyFully, type SimplifyOptions } from './api/simplify.ts';
export { check } from './api/check.ts';
export { repair } from './api/repair.ts';
export type { Problem } from './ir/problem.ts';
export { lint, type LintOptions } from './api/lint.ts';
export type { BoundSize, ShapeBindings } from './api/bind-dims.ts';
export { allRules, explain, type RulePage } from './api/explain.ts';
export type { Preset } from './api/presets.ts';
export type { SimplifyReport } from './rewrite/report.ts';
export type { Finding, LintResult, NodeRun, TargetVerdict, Verdict } from './lint/finding.ts';

// Proof by running.
export { compare, type ComparedRun, type CompareOptions, type Comparison } from './api/compare.ts';
export { type Cause, verify, type Verification, type VerifyOptions } from './api/verify.ts';
export type { OutputDifference } from './verify/compare-values.ts';
export type { Tolerance } from './verify/tolerance.ts';
export { evaluatorRunner } from './verify/evaluator-runner.ts';
export { onnxRuntimeRunner, type OnnxRuntime, type OnnxRuntimeOptions } from './platform/onnxruntime.ts';
export type { RunnableModel, Runner, Session, Values } from './verify/runner.ts';
export type { NDArray } from './fold/array.ts';
export type { RuntimeValue } from './fold/runtime-value.ts';
export { dataFor, type DataEntry, readData } from './api/read-data.ts';
export { cloneModel } from './ir/clone.ts';

// The graph.
export { Model, FunctionDefinition, graphsOfModel } from './ir/model.ts';
export { Graph } from './ir/graph.ts';
export { Node } from './ir/node.ts';
export { Value } from './ir/value.ts';
export { Tensor } from './ir/tensor.ts';
export { attribute, type Attribute } from './ir/attribute.ts';
export type { DataType } from './ir/data-type.ts';
export type { ValueType } from './ir/value-type.ts';

// Shapes.
export { inferModel } from './infer/infer-model.ts';
export type { Fact, Facts } from './infer/fact.ts';
export { Dim } from './infer/dim.ts';

// Values: a whole model, computed in plain TypeScript.
export { evaluateModel } from './fold/evaluate-model.ts';

// Text.
export { parseModel } from './text/parse.ts';
export { printModel } from './text/print.ts';

// Failures.
export { InternalError, ModelError, UsageError } from './base/errors.ts';
export { InvalidModelError } from './ir/problem.ts';
export { LfsPointerError, NotOnnxError } from './wire/not-onnx.ts';
