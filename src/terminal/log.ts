import { Chalk, type ChalkInstance } from 'chalk';
import {
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { visible } from './text.ts';

/** The log of pmproxy: `log.warn({ host }, 'message')`. */
export type Log = Logger;

export type LogOptions = {
  /** pino's levels, or `silent`. */
  readonly level: string;
  /** JSON lines, or lines for a person. */
  readonly format: 'pretty' | 'json';
  readonly color: boolean;
  /** Standard error by default. */
  readonly stream?: DestinationStream;
};

/**
 * A log on standard error, written before the call returns so that a crash loses nothing.
 * Pretty output prints the field `line` instead of the message: our own text, including colours
 * (`exchangeLine`); all other text is made safe first. JSON output omits it.
 */
export function createLog({ level, format, color, stream }: LogOptions): Log {
  const target = stream ?? standardError();
  const serializers = { err: errorFields };
  if (format === 'pretty') return pino({ level, serializers }, prettyStream(target, color));
  const plain = { ...serializers, line: () => undefined };
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, serializers: plain },
    target,
  );
}

// A closed terminal accepts no output, which is not a reason to stop.
function standardError(): DestinationStream {
  return destination({ fd: 2, sync: true }).on('error', () => {});
}

// A user error is printed with its hint; a stack trace would only hide the hint.
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (!(error instanceof UserError)) return stdSerializers.err(error);
  return { type: error.name, message: error.message, hint: error.hint };
}

const Entry = z.object({
  level: z.number(),
  msg: z.string().default(''),
  line: z.string().optional(),
  err: z.object({ hint: z.string().optional(), stack: z.string().optional() }).optional(),
});

function prettyStream(target: DestinationStream, color: boolean): DestinationStream {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return { write: (json) => target.write(prettyEntry(json, chalk)) };
}

function prettyEntry(json: string, chalk: ChalkInstance): string {
  const { level, msg, line, err } = Entry.parse(JSON.parse(json));
  const lines = [line ?? `${label(level, chalk)}${visible(msg)}`];
  if (err?.hint) lines.push(visible(err.hint));
  if (err?.stack) lines.push(...err.stack.split('\n').map((frame) => chalk.dim(visible(frame))));
  return lines.map((text) => `${text}\n`).join('');
}

// pino's numbers: 20 debug, 30 info, 40 warn, 50 error.
function label(level: number, chalk: ChalkInstance): string {
  if (level >= 50) return chalk.red('error: ');
  if (level >= 40) return chalk.yellow('warning: ');
  return level >= 30 ? '' : chalk.dim('debug: ');
}
