import packageJson from '../../package.json' with { type: 'json' };
import { factsDate } from '../lint/facts-date.ts';

/** The package's version and the date of what it knows of TensorRT. */
export const versionText = `onnx-preflight ${packageJson.version} (TensorRT facts of ${factsDate})`;
