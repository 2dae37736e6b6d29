/** The line of the user's source that a node came from. */
import type { Node } from '../ir/node.ts';

const frame = /File "([^"]+)", line (\d+)(?:, in ([^\n]+))?/g;
/** Frames of the framework: the user's line is the innermost one that lies elsewhere. */
const frameworkPath = /[\\/](?:site|dist)-packages[\\/]|[\\/]torch[\\/]|<frozen |^<string>$/;

/**
 * `path:line in function`, the innermost frame outside the framework in the stack trace that PyTorch's exporter leaves
 * in `metadata_props` (`pkg.torch.onnx.stack_trace`); undefined when there is none.
 */
export function sourceLineOf(node: Node): string | undefined {
  const trace = node.metadataProps.get('pkg.torch.onnx.stack_trace');
  if (trace === undefined) return undefined;
  const frames = [...trace.matchAll(frame)];
  const innermost = frames.findLast(([, path = '']) => !frameworkPath.test(path)) ?? frames.at(-1);
  if (innermost === undefined) return undefined;
  const [, path = '', line = '', name] = innermost;
  return name === undefined ? `${path}:${line}` : `${path}:${line} in ${name.trim()}`;
}
