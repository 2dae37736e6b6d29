/**
 * Names under which users know a TensorRT release: the component lists of JetPack, of the containers of NGC (nvcr.io/nvidia/tensorrt:YY.MM-py3),
 * and the platform table of DeepStream. Read again in: MXNet container release notes 20.03 (7.0.0) and 22.03 (8.2.3); Torch-TensorRT's page on
 * JetPack 6.1 (10.3); dusty-nv/jetson-containers, packages/cuda/tensorrt/config.py (JetPack 5 8.5, 6.0 8.6, 6.1 and 6.2 10.3);
 * gist Tiryoh/2b5dc1f8, a list out of NVIDIA's release notes (JetPack 4.4.1 to 4.6.2); marcoslucianops/DeepStream-Yolo,
 * docs/dGPUInstalation.md (DeepStream 6.1.1 8.4, 6.2 8.5). The other rows have not been held against a document since they were written.
 */
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';

interface AliasFamily {
  readonly example: string;
  /** `ALIAS-VERSION TENSORRT-VERSION`, oldest first. */
  readonly releases: ReadonlyMap<string, string>;
}

const table = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(', ').map((pair) => pair.split(' ') as [string, string]));

const jetpack: AliasFamily = {
  example: 'jetpack@6.2',
  releases: table(
    '4.4 7.1, 4.4.1 7.1, 4.5 7.1, 4.5.1 7.1, 4.6 8.0, 4.6.1 8.2, 4.6.2 8.2, 4.6.3 8.2, 4.6.4 8.2, 4.6.5 8.2, 5.0 8.4, 5.0.1 8.4, ' +
      '5.0.2 8.4, 5.1 8.5, 5.1.1 8.5, 5.1.2 8.5, 5.1.3 8.5, 5.1.4 8.5, 5.1.5 8.5, 6.0 8.6, 6.1 10.3, 6.2 10.3, 6.2.1 10.3, 7.0 10.13',
  ),
};

const container: AliasFamily = {
  example: 'ngc@24.05',
  releases: table(
    '20.02 7.0, 20.03 7.0, 20.06 7.1, 20.07 7.1, 20.08 7.1, 20.09 7.1, 20.10 7.2, 20.11 7.2, 20.12 7.2, 21.02 7.2, 21.03 7.2, 21.04 7.2, ' +
      '21.05 7.2, 21.06 7.2, 21.07 8.0, 21.08 8.0, 21.09 8.0, 21.10 8.0, 21.11 8.0, 21.12 8.2, 22.01 8.2, 22.02 8.2, 22.03 8.2, 22.04 8.2, ' +
      '22.05 8.2, 22.06 8.2, 22.07 8.4, 22.08 8.4, 22.09 8.5, 22.10 8.5, 22.11 8.5, 22.12 8.5, 23.01 8.5, 23.02 8.5, 23.03 8.5, 23.04 8.6, ' +
      '23.05 8.6, 23.06 8.6, 23.07 8.6, 23.08 8.6, 23.09 8.6, 23.10 8.6, 23.11 8.6, 23.12 8.6, 24.01 8.6, 24.02 8.6, 24.03 8.6, 24.04 8.6, ' +
      '24.05 10.0, 24.06 10.1, 24.07 10.2, 24.08 10.3, 24.09 10.4, 24.10 10.5, 24.11 10.6, 24.12 10.7, 25.01 10.8, 25.02 10.8, 25.03 10.9, ' +
      '25.04 10.9, 25.05 10.10, 25.06 10.11',
  ),
};

const deepstream: AliasFamily = {
  example: 'deepstream@7.1',
  // Where the tables of dGPU and Jetson differ (6.1: 8.2 and 8.4) there is no alias.
  releases: table('5.0 7.0, 6.0 8.0, 6.1.1 8.4, 6.2 8.5, 6.3 8.5, 6.4 8.6, 7.0 8.6, 7.1 10.3, 8.0 10.9'),
};

const families: ReadonlyMap<string, AliasFamily> = new Map([
  ['jetpack', jetpack],
  ['ngc', container],
  ['deepstream', deepstream],
]);

export const aliasNames: readonly string[] = [...families.keys()];

/** The TensorRT version that `jetpack@5.1` and the like stand for; undefined when `name` is no alias. */
export function resolveAlias(name: string, wanted: string, item: string): string | undefined {
  const family = families.get(name);
  if (family === undefined) return undefined;
  const found = family.releases.get(wanted.replace(/-py3$/, ''));
  if (found !== undefined) return found;
  const known = [...family.releases.keys()];
  const near = suggest(wanted, known);
  throw new UsageError(
    `target '${item}': which TensorRT is in ${name} ${wanted} is not known here`,
    near === undefined
      ? `known are ${name}@${known[0] ?? ''} to ${known.at(-1) ?? ''}, such as ${family.example}; or name the release, as in tensorrt@10.3`
      : `did you mean ${name}@${near}? or name the release, as in tensorrt@10.3`,
  );
}
