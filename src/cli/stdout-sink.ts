import { UsageError } from '../base/errors.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ModelFormat } from '../wire/forms/form.ts';
import type { Host } from './host.ts';

/** stdout as the place of a model. UsageError when a person would see the bytes of a binary one. */
export function stdoutSink(host: Host, format: ModelFormat): ByteSink {
  if (format === 'binary' && host.isTerminal)
    throw new UsageError('a terminal shows no binary model', 'redirect stdout, or convert with --format textproto');
  return { write: (bytes) => host.writeBytes(bytes) };
}
