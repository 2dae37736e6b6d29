import { type Attribute, attribute } from '../ir/attribute.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { floatTensor } from './float-tensors.ts';
import { dataTypeCode } from './queries.ts';

/** Builds the nodes that an operator stands for, in operators that every opset has. */
export class WrittenOut {
  readonly #context: RewriteContext;
  readonly #node: Node;
  readonly #dataType: DataType;

  /** `dataType` is that of the numbers that are computed with. */
  constructor(node: Node, dataType: DataType, context: RewriteContext) {
    this.#node = node;
    this.#context = context;
    this.#dataType = dataType;
  }

  node(opType: string, inputs: readonly Value[], ...attributes: readonly Attribute[]): Value {
    return this.#context.node(opType, inputs, { attributes });
  }

  /** The last of the nodes: it carries on the name of the operator. */
  last(opType: string, inputs: readonly Value[]): Value {
    return this.#context.node(opType, inputs, { from: this.#node });
  }

  number(value: number): Value {
    const tensor = floatTensor(this.#dataType, [], Float64Array.of(value));
    return this.#context.constant(tensor, `${this.#node.output.name}_constant`);
  }

  mean(x: Value, axes: readonly number[]): Value {
    const context = this.#context;
    return context.opset >= 18
      ? this.node('ReduceMean', [x, context.vector(axes.map(BigInt), `${x.name}_axes`)])
      : this.node('ReduceMean', [x], attribute.ints('axes', axes));
  }

  cast(x: Value, to: DataType): Value {
    return this.node('Cast', [x], attribute.int('to', dataTypeCode(to)));
  }
}
