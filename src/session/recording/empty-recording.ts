import { programKind } from '../../launch/program-kind.ts';
import { DEFAULTS } from '../../options/defaults.ts';
import { quoted } from '../../terminal/summary.ts';

/** What is known of a recording in which there is nothing. */
export type EmptyRecording = {
  /** Exchanges that filters left out. */
  readonly filteredOut: number;
  /** Hosts for which a client did not trust our authority. */
  readonly distrusted: readonly string[];
  /** The command that was run; empty for none. */
  readonly command: readonly string[];
  /** It ran in a network of its own. */
  readonly isolated: boolean;
  /** Where its program was looked for: PATH. */
  readonly path: string;
};

/** Why nothing was recorded, and what to type next; one line each. */
export async function reasonsForNothing(empty: EmptyRecording): Promise<string[]> {
  const { filteredOut, distrusted, command, isolated, path } = empty;
  if (filteredOut > 0) return ['All exchanges were filtered out. See: pmproxy save --help'];
  const [host] = distrusted;
  if (host !== undefined) {
    return [
      `A client refused the certificate for ${host}. If it has a list of its own, add: ${'"$(pmproxy ca path)"'}`,
      `To leave that host unrecorded but reachable: --passthrough ${quoted(host)}`,
    ];
  }
  const [program] = command;
  if (program === undefined) return ['No request came through the proxy.'];
  const fact = `No request of ${quoted(program)} came through the proxy.`;
  if (isolated)
    return [fact, 'Requests to servers that the command itself starts do not go through it.'];
  const kind = await programKind(program, path);
  return [fact, kind === 'other' ? ANY_PROGRAM : EXPLANATIONS[kind]];
}

const IS_LINUX = process.platform === 'linux';

const BY_HAND = IS_LINUX
  ? 'add --isolate'
  : `set its proxy to http://127.0.0.1:${DEFAULTS.proxyPort} by hand and type: pmproxy save`;

const ANY_PROGRAM = `If it sends any and reads no proxy variables, ${BY_HAND}`;

const EXPLANATIONS = {
  go: `It is written in Go, which uses no proxy for localhost and 127.0.0.1. ${IS_LINUX ? 'Add --isolate' : 'Use another name of this machine, such as: "$(hostname)"'}`,
  static: `It is linked statically, so only the proxy variables can reach it. If it reads none, ${BY_HAND}`,
} as const;
