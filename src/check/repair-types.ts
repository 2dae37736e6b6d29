/** Repairs of what is declared of values. */
import type { Model } from '../ir/model.ts';
import { tensorType } from '../ir/value-type.ts';
import type { InferredFacts } from './check-model.ts';
import { lackOf } from './interface.ts';
import { inputDimParams, typeOfFact } from './type-of-fact.ts';

/**
 * Below IR 4 every initializer is an input as well. The other way to a valid model, a newer IR version, would turn all
 * inputs that have initializers into defaults that callers may override.
 */
export function makeInitializersInputs(model: Model): readonly string[] {
  if (model.irVersion >= 4) return [];
  const { graph } = model;
  const added = [...graph.initializers].filter(({ isInput }) => !isInput);
  for (const value of added) {
    const dataType = value.initializer?.dataType ?? value.sparseInitializer?.values.dataType;
    value.type ??= tensorType(dataType, value.initializer?.dims ?? value.sparseInitializer?.dims);
    graph.addInput(value);
  }
  if (added.length === 0) return [];
  const what = added.length === 1 ? 'an initializer' : `${added.length} initializers`;
  return [`listed ${what} among the inputs, as IR version ${model.irVersion} asks`];
}

/** What is wrong goes; an output of the main graph must have a type, and gets the one it has. */
export function correctDeclaredTypes(model: Model, facts: InferredFacts | undefined): readonly string[] {
  const done: string[] = [];
  const names = inputDimParams(model);
  for (const { declared } of facts?.contradictions ?? []) {
    if (declared?.type === undefined || declared.isInput) continue;
    const known = facts && typeOfFact(facts.get(declared), names);
    declared.type = declared.isGraphOutput ? known : undefined;
    done.push(
      declared.isGraphOutput
        ? `corrected the declared type of output ${declared.name}`
        : `dropped value_info of ${declared.name}, which contradicts what the graph computes`,
    );
  }
  return done;
}

export function completeOutputTypes(model: Model, facts: InferredFacts | undefined): readonly string[] {
  const done: string[] = [];
  const names = inputDimParams(model);
  for (const value of new Set(model.graph.outputs)) {
    if (value.isInput || lackOf(value.type) === undefined || facts === undefined) continue;
    const type = typeOfFact(facts.get(value), names);
    if (type === undefined || lackOf(type) !== undefined) continue;
    value.type = type;
    done.push(`declared the type of output ${value.name}`);
  }
  return done;
}
