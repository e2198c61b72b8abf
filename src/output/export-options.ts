import type { GivenOptions, Loss } from '../exporters/index.ts';
import type { TypeSource } from '../grpc/message-types.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import type { WrittenOptions } from '../options/written.ts';

/** The command line's options for outputs. */
export type RenderOptions = WrittenOptions<string> &
  Pick<RecordedOptions, 'restrictedHeaders' | 'secrets' | 'redact'> & {
    /** Called for each part of a collection that a format cannot hold. */
    readonly onLoss?: (format: string, loss: Loss) => void;
    /** The source of gRPC message types. */
    readonly messageTypes?: TypeSource | undefined;
    /** Aborted to stop waiting for a reader that does not read. */
    readonly hurry?: AbortSignal;
  };

/** The command line's options for an exporter. */
export function exportOptions(name: string, options: RenderOptions): GivenOptions {
  const { restrictedHeaders, secrets, redact, dedupe = true, variables } = options;
  const { group, shape, template: templates, tests } = options;
  const recorded = { restrictedHeaders, secrets, redact };
  const items = { dedupe, group, shape, templates, tests, sharedAuth: true };
  return { name, ...recorded, ...items, variables };
}
