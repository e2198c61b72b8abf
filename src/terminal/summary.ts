import prettyBytes from 'pretty-bytes';
import { visible } from './text.ts';

/** The result of a recording or a conversion. */
export type Summary = {
  readonly recorded: number;
  /** Requests that were read from collections. */
  readonly read?: number;
  /** Recorded exchanges without a complete response. */
  readonly failed: number;
  /** Exchanges passed through and, as requested, not recorded. */
  readonly filteredOut: number;
  /** Kinds of noise that were recorded but not written (`CORS preflight`), with the number of exchanges each. */
  readonly noise?: ReadonlyMap<string, number>;
  /** Secret values replaced by variables. */
  readonly replaced?: number;
  readonly files: readonly WrittenFile[];
};

export type WrittenFile = {
  /** The path as the user would type it. */
  readonly path: string;
  /** The format's id (`postman`); `environment` for the values of a collection's variables. */
  readonly format: string;
  readonly bytes: number;
  /** The command that runs it: `npx newman run`. */
  readonly runner?: string;
  /** `42 requests`, if the format has countable items. */
  readonly content?: string;
};

/** The summary of a recording: counts, files, and the next command. */
export function summaryLines({
  recorded,
  read,
  failed,
  filteredOut,
  noise = new Map(),
  replaced = 0,
  files,
}: Summary): string[] {
  return [
    ...(read === undefined || recorded > 0 ? [countLine(recorded, failed, filteredOut)] : []),
    ...(read === undefined ? [] : [readLine(read, recorded > 0 ? 0 : filteredOut)]),
    ...(noise.size > 0 ? [noiseLine(noise)] : []),
    ...(replaced > 0 ? [replacedLine(replaced)] : []),
    ...files.map(fileLine),
    ...(recorded + (read ?? 0) > 0 ? nextCommands(files).map((command) => `Next: ${command}`) : []),
  ];
}

/** The result of a recording that was pushed to a client. */
export type PushedSummary = Pick<Summary, 'recorded' | 'failed' | 'filteredOut'> & {
  /** Exchanges that the client has received. */
  readonly delivered: number;
  /** Exchanges not sent to the client yet; exchanges excluded by its filters are in neither count. */
  readonly undelivered: number;
  /** The client's address. */
  readonly client: string;
};

/** The summary of a recording that was pushed. */
export function pushedLines({
  recorded,
  failed,
  filteredOut,
  delivered,
  undelivered,
  client,
}: PushedSummary): string[] {
  const lines = [countLine(recorded, failed, filteredOut)];
  const isChosen = delivered + undelivered < recorded;
  if (delivered > 0 || isChosen) {
    const chosen = isChosen ? ', as its filters ask' : '';
    lines.push(`Delivered ${counted(delivered, 'exchange')} to ${visible(client)}${chosen}`);
  }
  return lines;
}

function countLine(recorded: number, failed: number, filteredOut: number): string {
  const amount = recorded === 0 ? 'nothing' : counted(recorded, 'exchange');
  const parts = [
    `Recorded ${amount}`,
    ...(failed > 0 ? [`${failed} without a complete answer`] : []),
    ...(filteredOut > 0 ? [`${filteredOut} filtered out`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function readLine(read: number, filteredOut: number): string {
  const left = filteredOut > 0 ? `, ${filteredOut} filtered out` : '';
  return `Read ${counted(read, 'request')}${left}.`;
}

function noiseLine(noise: ReadonlyMap<string, number>): string {
  const kinds = [...noise].map(([kind, count]) =>
    // The word has no plural.
    kind.endsWith('keeping') ? `${count.toLocaleString('en-US')} ${kind}` : counted(count, kind),
  );
  return `Left out as noise: ${kinds.join(', ')}.`;
}

function replacedLine(count: number): string {
  return `${counted(count, 'secret')} replaced by ${count === 1 ? 'a variable' : 'variables'}.`;
}

function fileLine({ path, bytes, content }: WrittenFile): string {
  const facts = content === undefined ? prettyBytes(bytes) : `${content}, ${prettyBytes(bytes)}`;
  return `Wrote ${visible(path)} (${facts})`;
}

// Runners need the environment file of the same recording; without it, no request is authenticated.
function nextCommands(files: readonly WrittenFile[]): string[] {
  const environment = files.find(({ format }) => format === 'environment');
  const option = environment === undefined ? '' : ` -e ${quoted(environment.path)}`;
  return files.flatMap(({ path, runner }) =>
    path === '-' || runner === undefined ? [] : [`${runner} ${quoted(path)}${option}`],
  );
}

/** `1 exchange`, `2 exchanges`, `12,000 exchanges`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Quotes a word for a POSIX shell: in single quotes if it contains more than plain characters. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${visible(word).replaceAll("'", `'\\''`)}'`;
}
