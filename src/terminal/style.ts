import { supportsColorStderr } from 'chalk';

/** What a line of text must fit and may use. */
export type Style = {
  /** Columns. */
  readonly width: number;
  readonly color: boolean;
};

/**
 * The style of a stream: its width, or 80 columns where it is no terminal; colours unless `NO_COLOR`
 * is set (no-color.org: present and not empty), as chalk finds them for standard error.
 */
export function styleOf(
  stream: { readonly columns?: number },
  env: Readonly<Record<string, string | undefined>> = process.env,
  supportsColor: boolean = supportsColorStderr !== false,
): Style {
  return { width: stream.columns || 80, color: supportsColor && !env['NO_COLOR'] };
}
