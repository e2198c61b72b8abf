import { supportsColorStderr } from 'chalk';

/** The width and colours available to a line of text. */
export type Style = {
  /** Columns. */
  readonly width: number;
  readonly color: boolean;
};

/**
 * The style of a stream: its width, or 80 columns if it is not a terminal; colours unless `NO_COLOR`
 * is set (no-color.org: present and not empty), as chalk finds them for standard error.
 */
export function styleOf(
  stream: { readonly columns?: number },
  env: Readonly<Record<string, string | undefined>> = process.env,
  supportsColor: boolean = supportsColorStderr !== false,
): Style {
  return { width: stream.columns || 80, color: supportsColor && !env['NO_COLOR'] };
}
