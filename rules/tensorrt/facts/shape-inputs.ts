/** Inputs that TensorRT reads when it works out shapes, by operator; they depend on the opset for some. */
type Positions = (opset: number) => readonly number[];

const always =
  (...positions: readonly number[]): Positions =>
  () =>
    positions;
const from =
  (since: number, ...positions: readonly number[]): Positions =>
  (opset) =>
    opset >= since ? positions : [];

export const shapeInputs: ReadonlyMap<string, Positions> = new Map<string, Positions>([
  ['Reshape', from(5, 1)],
  ['Expand', always(1)],
  ['Tile', from(6, 1)],
  ['ConstantOfShape', always(0)],
  ['Slice', from(10, 1, 2, 3, 4)],
  ['Pad', from(11, 1)],
  ['Split', from(13, 1)],
  ['Resize', (opset) => (opset >= 11 ? [2, 3] : [1])],
  ['Upsample', from(9, 1)],
  ['Range', always(0, 1, 2)],
  ['OneHot', always(1)],
  ['CumSum', always(1)],
  ['TopK', from(10, 1)],
  ['Loop', always(0)],
]);
