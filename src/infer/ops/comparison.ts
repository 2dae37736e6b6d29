/** Comparison and logic, decided where the known elements decide them. https://onnx.ai/onnx/operators/onnx__Equal.html */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { broadcastShape } from './arithmetic.ts';
import { shapeOf } from './support.ts';
import { carriesElements, combined, knownArray, withUnknown } from './values.ts';

type Decide = (a: Dim, b: Dim, context: LawContext) => boolean | undefined;

const less: Decide = (a, b, context) => {
  if (a.isAtLeast(b) || context.isPositive(a.minus(b).plus(Dim.one))) return false;
  return context.isPositive(b.minus(a)) ? true : undefined;
};
const equal: Decide = (a, b, context) => {
  if (a.equals(b)) return true;
  return a.differs(b) || context.isPositive(a.minus(b)) || context.isPositive(b.minus(a)) ? false : undefined;
};
const opposite = (decided: boolean | undefined): boolean | undefined => (decided === undefined ? undefined : !decided);
const truth = (dim: Dim): boolean | undefined => (dim.constant === undefined ? undefined : dim.constant !== 0n);

const decisions: Readonly<Record<string, Decide>> = {
  Equal: equal,
  Less: less,
  LessOrEqual: (a, b, context) => opposite(less(b, a, context)),
  Greater: (a, b, context) => less(b, a, context),
  GreaterOrEqual: (a, b, context) => opposite(less(a, b, context)),
  And: (a, b) => (truth(a) === false || truth(b) === false ? false : truth(a) === true ? truth(b) : undefined),
  Or: (a, b) => (truth(a) === true || truth(b) === true ? true : truth(a) === false ? truth(b) : undefined),
  Xor: (a, b) => {
    const [left, right] = [truth(a), truth(b)];
    return left === undefined || right === undefined ? undefined : left !== right;
  },
};

export const comparison = law(Object.keys(decisions), (context) => {
  const shape = broadcastShape(context);
  const decide = decisions[context.node.opType];
  const carries = context.opset >= 7 && carriesElements(context.input(0)) && carriesElements(context.input(1));
  const elements =
    decide === undefined || !carries
      ? undefined
      : combined(context, shape, [knownArray(context, 0), knownArray(context, 1)], (a = Dim.zero, b = Dim.zero) => {
          const decided = decide(a, b, context);
          return decided === undefined ? undefined : decided ? Dim.one : Dim.zero;
        });
  context.output(0, { dataType: 'bool', shape, elements });
});

export const not = law(['Not'], (context) => {
  const elements = context
    .elements(0)
    ?.map(({ constant }) => (constant === undefined ? undefined : constant === 0n ? Dim.one : Dim.zero));
  context.output(0, { dataType: 'bool', shape: shapeOf(context, 0), elements: withUnknown(context, elements) });
});
