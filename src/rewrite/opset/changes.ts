/**
 * What versions of operators changed, from opset 8 on, beyond the types they take and attributes whose default means what was before:
 * https://github.com/onnx/onnx/blob/main/docs/Changelog.md. A version that is not here differs in no more than that. Going down ends
 * at opset 11, so what 11 and earlier versions changed has no way back.
 */
import { floatTensor } from '../float-tensors.ts';
import { attribute } from '../../ir/attribute.ts';
import { constantNodeTensor } from '../../ir/constant-node.ts';
import { int64Tensor } from '../../ir/tensor.ts';
import type { Call, Change } from './change.ts';

const axesToInput: Change = {
  up: (call) => {
    call.intsToInput('axes', 1);
  },
  down: (call) => {
    if (call.int('noop_with_empty_axes') === 1n && (call.integers(1)?.length ?? 0) === 0)
      call.refuse('noop_with_empty_axes has no counterpart');
    call.drop('noop_with_empty_axes');
    // Without elements it reduces all axes, as the attribute does when it is left out.
    if (call.integers(1)?.length === 0) call.dropInputs(1);
    else call.inputToInts(1, 'axes');
  },
};

/** One axis from 13 on; before that all axes from it on were taken together. */
const oneAxis: Change = {
  up: (call) => {
    const rank = call.rank() ?? call.refuse('the rank of its input is not known');
    const given = Number(call.int('axis') ?? 1n);
    const axis = given < 0 ? given + rank : given;
    if (axis === rank - 1) {
      call.set(attribute.int('axis', -1));
      return;
    }
    const [data] = call.node.inputs;
    const shape = call.before('Shape', [data]);
    const flat = call.before('Flatten', [data], [attribute.int('axis', axis)]);
    call.node.replaceInput(0, flat);
    call.set(attribute.int('axis', -1));
    call.after('Reshape', (own) => [own, shape]);
  },
  down: (call) => {
    const rank = call.rank() ?? call.refuse('the rank of its input is not known');
    const given = Number(call.int('axis') ?? -1n);
    if ((given < 0 ? given + rank : given) !== rank - 1) call.refuse('it works along an axis that is not the last one');
    call.set(attribute.int('axis', rank - 1));
  },
};

/** Newer versions say which windows at the end count, where older ones left it open. */
const noCeilMode: Change = both((call) => {
  if ((call.int('ceil_mode') ?? 0n) !== 0n) call.refuse('what ceil_mode does at the end differs between the versions');
});

const onlyFirstOutput = (call: Call): void => {
  if (call.node.outputs.some((_, index) => index > 0 && call.makes(index)))
    call.refuse('its further outputs mean something else');
};

function both(check: (call: Call) => void): Change {
  return { up: check, down: check };
}

function never(reason: string): Change {
  return both((call) => call.refuse(reason));
}

/** Infinities became NaN in these formats; from 24 on they saturate like all that is too large. */
function castTo(formats: string): Change {
  return both((call) => {
    if (call.outputType(0)?.endsWith(formats) === true && (call.int('saturate') ?? 1n) !== 0n)
      call.refuse('infinities become something else');
  });
}

function notBelow(attributeName: string, value: string): Change {
  return {
    down: (call) => {
      if (call.text(attributeName) === value) call.refuse(`${attributeName} ${value} is not known there`);
    },
  };
}

const gridModes = [
  ['bilinear', 'linear'],
  ['bicubic', 'cubic'],
] as const;

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];

/** By operator and the version that changed it. */
export const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ...reductions.map((name) => [`Reduce${name} 18`, axesToInput] as const),
  ['ReduceSum 13', axesToInput],
  ['Squeeze 13', { up: axesToInput.up, down: (call) => call.inputToInts(1, 'axes') } as Change],
  ['Unsqueeze 13', { up: axesToInput.up, down: (call) => call.inputToInts(1, 'axes') } as Change],
  ['Softmax 13', oneAxis],
  ['LogSoftmax 13', oneAxis],
  ['Hardmax 13', oneAxis],
  ['AveragePool 19', noCeilMode],
  ['AveragePool 22', noCeilMode],
  ['MaxPool 22', noCeilMode],
  ['LpPool 22', noCeilMode],
  [
    'BatchNormalization 9',
    {
      up: (call) => {
        if (call.int('spatial') === 0n) call.refuse('spatial = 0 has no counterpart');
        call.drop('spatial');
      },
    },
  ],
  ['BatchNormalization 14', both(onlyFirstOutput)],
  ['Cast 24', castTo('fnuz')],
  ['CastLike 24', castTo('fnuz')],
  [
    'Clip 11',
    {
      up: (call) => {
        const dataType = call.fact(0)?.dataType ?? call.refuse('the type of its input is not known');
        for (const [index, name] of ['min', 'max'].entries()) {
          const bound = call.float(name);
          if (bound === undefined) continue;
          call.setInput(index + 1, name, floatTensor(dataType, [], Float64Array.of(bound)));
          call.drop(name);
        }
      },
    },
  ],
  [
    'Constant 12',
    {
      down: (call) => {
        if (call.node.attributes.has('value') || call.node.attributes.has('sparse_value')) return;
        const tensor = constantNodeTensor(call.node) ?? call.refuse('its value is not known');
        for (const name of [...call.node.attributes.keys()]) call.drop(name);
        call.set(attribute.tensor('value', tensor));
      },
    },
  ],
  [
    'ConvTranspose 11',
    both((call) => {
      if ((call.text('auto_pad') ?? 'NOTSET').startsWith('SAME')) call.refuse('auto_pad SAME is not the same in both');
    }),
  ],
  [
    'DFT 20',
    {
      up: (call) => {
        call.setInput(2, 'axis', int64Tensor([call.int('axis') ?? 1n], { scalar: true }));
        call.drop('axis');
      },
      down: (call) => call.refuse('its axis is an input'),
    },
  ],
  ['Dropout 10', { up: onlyFirstOutput }],
  [
    'Dropout 12',
    {
      up: (call) => {
        // Without training_mode nothing is dropped, so the ratio is kept for its own sake.
        const ratio = call.float('ratio');
        if (ratio !== undefined) call.setInput(1, 'ratio', floatTensor('float', [], Float64Array.of(ratio)));
        call.drop('ratio');
      },
      down: (call) => {
        if (call.input(2) !== undefined) call.refuse('training_mode has no counterpart');
        call.drop('seed');
        call.dropInputs(1);
      },
    },
  ],
  [
    'GridSample 20',
    {
      up: (call) => {
        const [, name] = gridModes.find(([old]) => old === (call.text('mode') ?? 'bilinear')) ?? [];
        if (name !== undefined) call.set(attribute.string('mode', name));
      },
      down: (call) => {
        if (call.rank() !== 4) call.refuse('it samples no pictures of rank 4');
        const [name] = gridModes.find(([, own]) => own === (call.text('mode') ?? 'linear')) ?? [];
        if (name !== undefined) call.set(attribute.string('mode', name));
      },
    },
  ],
  [
    'GroupNormalization 21',
    never('scale and bias are for each group in one version and for each channel in the other'),
  ],
  [
    'Mod 28',
    {
      down: (call) => {
        const isFloat = /float|double/.test(call.fact(0)?.dataType ?? 'float');
        if (isFloat && (call.int('fmod') ?? 0n) === 0n) call.refuse('floats ask for fmod there');
      },
    },
  ],
  ['OneHot 11', never('negative indices mean something else')],
  [
    'Pad 11',
    {
      up: (call) => {
        const dataType = call.fact(0)?.dataType ?? call.refuse('the type of its input is not known');
        const value = call.float('value');
        call.intsToInput('pads', 1);
        if (value !== undefined) call.setInput(2, 'value', floatTensor(dataType, [], Float64Array.of(value)));
        call.drop('value');
      },
    },
  ],
  ['Pad 19', notBelow('mode', 'wrap')],
  [
    'Resize 11',
    {
      up: (call) => {
        const scales = call.input(1)?.constant ?? call.fact(1)?.constant;
        const factors = scales?.isResident === true && scales.dataType === 'float' ? floatsOf(scales.bytes) : undefined;
        const isNearest = (call.text('mode') ?? 'nearest') === 'nearest';
        if (isNearest && factors?.every((factor) => factor >= 1) !== true)
          call.refuse('which element it takes when it shrinks was not laid down');
        const [data, scale] = call.node.inputs;
        call.node.replaceInput(2, scale);
        call.node.replaceInput(1, undefined);
        call.setInput(1, 'roi', floatTensor('float', [0], new Float64Array(0)));
        call.node.replaceInput(0, data);
        call.set(attribute.string('coordinate_transformation_mode', 'asymmetric'));
        if (isNearest) call.set(attribute.string('nearest_mode', 'floor'));
      },
    },
  ],
  [
    'Resize 13',
    {
      down: (call) => {
        const empty = floatTensor('float', [0], new Float64Array(0));
        for (const [index, name] of [
          [1, 'roi'],
          [2, 'scales'],
        ] as const)
          if (call.input(index) === undefined) call.setInput(index, name, empty);
      },
    },
  ],
  ['Resize 19', notBelow('coordinate_transformation_mode', 'half_pixel_symmetric')],
  [
    'RoiAlign 16',
    {
      up: (call) => {
        call.set(attribute.string('coordinate_transformation_mode', 'output_half_pixel'));
      },
      down: (call) => {
        if (call.text('coordinate_transformation_mode') !== 'output_half_pixel')
          call.refuse('coordinates are shifted by half a pixel');
        call.drop('coordinate_transformation_mode');
      },
    },
  ],
  ['Scan 9', never('its inputs are laid out in another way')],
  [
    'Scatter 11',
    {
      up: (call) => {
        call.replaceBy('ScatterElements', call.node.inputs);
      },
    },
  ],
  [
    'Slice 10',
    {
      up: (call) => {
        for (const [index, name] of ['starts', 'ends', 'axes'].entries()) call.intsToInput(name, index + 1);
      },
    },
  ],
  [
    'Split 13',
    {
      up: (call) => {
        call.intsToInput('split', 1);
      },
      down: (call) => {
        call.inputToInts(1, 'split');
      },
    },
  ],
  [
    'Split 18',
    {
      up: (call) => {
        if (call.input(1) === undefined) call.set(attribute.int('num_outputs', call.node.outputs.length));
      },
      down: (call) => {
        const parts = call.int('num_outputs');
        if (parts === undefined) return;
        const rank = call.rank() ?? call.refuse('the rank of its input is not known');
        const axis = Number(call.int('axis') ?? 0n);
        const size = call.fact(0)?.shape?.[axis < 0 ? axis + rank : axis]?.constant;
        if (size === undefined || size % parts !== 0n) call.refuse('its parts may be of unequal sizes');
        call.drop('num_outputs');
      },
    },
  ],
  ['ScatterElements 18', { down: (call) => refuseExtremes(call) }],
  ['ScatterND 18', { down: (call) => refuseExtremes(call) }],
  [
    'TopK 10',
    {
      up: (call) => {
        call.setInput(1, 'k', int64Tensor([call.int('k') ?? call.refuse('it has no k')]));
        call.drop('k');
      },
    },
  ],
  [
    'Upsample 9',
    {
      up: (call) => {
        const scales = call.floats('scales') ?? call.refuse('it has no scales');
        call.setInput(1, 'scales', floatTensor('float', [scales.length], Float64Array.from(scales)));
        call.drop('scales');
      },
    },
  ],
  [
    'Upsample 10',
    {
      up: (call) => {
        call.replaceBy('Resize', call.node.inputs);
      },
    },
  ],
]);

function refuseExtremes(call: Call): void {
  const reduction = call.text('reduction');
  if (reduction === 'min' || reduction === 'max') call.refuse(`reduction ${reduction} is not known there`);
}

function floatsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}
