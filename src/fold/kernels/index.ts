/** All kernels, by operator: `op_type` for ai.onnx, `domain::op_type` for other domains. */
import type { Kernel } from '../kernel.ts';
import { activationKernels } from './activation.ts';
import { binaryKernels } from './binary.ts';
import { castKernels } from './cast.ts';
import { contributedKernels } from './contributed.ts';
import { comparisonKernels } from './comparison.ts';
import { convolutionKernels } from './convolution.ts';
import { gatherKernels } from './gather.ts';
import { generateKernels } from './generate.ts';
import { matmulKernels } from './matmul.ts';
import { movementKernels } from './movement.ts';
import { normalizationKernels } from './normalization.ts';
import { padKernels } from './pad.ts';
import { poolKernels } from './pool.ts';
import { reduceKernels } from './reduce.ts';
import { scatterKernels } from './scatter.ts';
import { selectKernels } from './select.ts';
import { shapeKernels } from './shape.ts';
import { einsumKernels } from './einsum.ts';
import { orderKernels } from './order.ts';
import { quantizeKernels } from './quantize.ts';
import { recurrentKernels } from './recurrent.ts';
import { resizeKernels } from './resize.ts';
import { sampleKernels } from './sample.ts';
import { attentionKernels } from './attention.ts';
import { lossKernels } from './loss.ts';
import { softmaxKernels } from './softmax.ts';
import { signalKernels } from './signal.ts';
import { textKernels } from './text.ts';
import { featureKernels } from './ml-features.ts';
import { lookupKernels } from './ml-lookup.ts';
import { linearKernels } from './ml-linear.ts';
import { svmKernels } from './ml-svm.ts';
import { treeKernels } from './ml-tree.ts';
import { gramKernels } from './n-grams.ts';
import { linearAttentionKernels } from './linear-attention.ts';
import { deformableKernels } from './deformable.ts';
import { trainingKernels } from './training.ts';
import { roiKernels } from './roi.ts';
import { unaryKernels } from './unary.ts';

const kernels: ReadonlyMap<string, Kernel> = new Map(
  [
    activationKernels,
    binaryKernels,
    castKernels,
    comparisonKernels,
    contributedKernels,
    convolutionKernels,
    gatherKernels,
    generateKernels,
    matmulKernels,
    movementKernels,
    normalizationKernels,
    padKernels,
    poolKernels,
    reduceKernels,
    scatterKernels,
    selectKernels,
    shapeKernels,
    einsumKernels,
    orderKernels,
    quantizeKernels,
    recurrentKernels,
    resizeKernels,
    sampleKernels,
    attentionKernels,
    lossKernels,
    signalKernels,
    softmaxKernels,
    textKernels,
    featureKernels,
    lookupKernels,
    linearKernels,
    svmKernels,
    treeKernels,
    gramKernels,
    linearAttentionKernels,
    deformableKernels,
    trainingKernels,
    roiKernels,
    unaryKernels,
  ].flatMap((family) => family.flatMap((entry) => entry.operators.map((operator) => [operator, entry] as const))),
);

export function findKernel(operator: string): Kernel | undefined {
  return kernels.get(operator);
}

export function kernelOperators(): readonly string[] {
  return [...kernels.keys()];
}
