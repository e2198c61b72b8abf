import { ignoredPlaces } from '../../calls/ignored.ts';
import { missWords } from '../../calls/miss.ts';
import { askedOf, openRecordedCalls, type RecordedCalls } from '../../calls/recorded-calls.ts';
import { openCallComparison } from '../../compare/call-comparison.ts';
import { placeLine } from '../../compare/finding.ts';
import { usageError } from '../../errors.ts';
import { type Exchange, headerValue, type Recording, responseOf } from '../../exchange.ts';
import type { CallMark } from '../../har/types.ts';
import { redactRecording } from '../../secrets/redact/recording.ts';
import { createSecrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';
import { maxMarkLength, maxMarkLines } from '../../sync/wire/protocol.ts';
import { visible } from '../../terminal/text.ts';
import { openRecordings } from '../inputs.ts';
import { checkAnswers } from '../mocking/recorded-answers.ts';

export type CallMarksOptions = {
  /** The recordings that calls are looked up in, as `pmproxy mock` does; empty for none. */
  readonly mock: readonly string[];
  /** The recording that calls are compared with, as `pmproxy diff` does. */
  readonly check: string | undefined;
  /** Headers, parameters and JSON paths that may differ. */
  readonly ignore: readonly string[];
  /** Called once, when a recording can no longer be read. Calls then stay unmarked. */
  readonly onFailure: (error: unknown) => void;
};

/** Marks calls by how they compare with recordings. */
export type CallMarks = {
  /**
   * Judges one call. Its secrets may be replaced by variables.
   *
   * @returns a mark for each kind of comparison that has something to say
   */
  marksOf(exchange: Exchange): Promise<readonly CallMark[]>;
  /** What a person should know of the recordings. */
  readonly warnings: readonly string[];
  /** Closes the recordings. */
  close(): Promise<void>;
};

type Judge = (exchange: Exchange) => Promise<CallMark | undefined>;

/**
 * Opens the recordings that calls are marked by. Their secrets are replaced by variables, because calls come without
 * secrets too, and what a mark says is shown.
 *
 * @throws UserError when a recording cannot be read, or has no call that was answered
 */
export async function openCallMarks({
  mock,
  check,
  ignore,
  onFailure,
}: CallMarksOptions): Promise<CallMarks> {
  if ([...mock, check].filter((path) => path === '-').length > 1)
    throw usageError('Standard input (-) can be read once only.');
  const isIgnored = ignoredPlaces(ignore);
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(opened.map((one) => one.close()));
  };
  const open = async (paths: readonly string[]) => {
    const found = await openRecordings(paths);
    opened.push(found);
    return found.recordings.map(withoutSecrets);
  };
  try {
    const judges: Judge[] = [];
    const warnings: string[] = [];
    if (mock.length > 0) {
      const calls = await openRecordedCalls(await open(mock), {
        isIgnored: ({ at }) => isIgnored(at),
      });
      warnings.push(...checkAnswers(calls, mock));
      judges.push(lookUpIn(calls));
    }
    const [yardstick] = check === undefined ? [] : await open([check]);
    if (yardstick) judges.push(await compareWith(yardstick, isIgnored));
    return {
      async marksOf(exchange) {
        try {
          const marks = await Promise.all(judges.map((judge) => judge(exchange)));
          return marks.filter((mark) => mark !== undefined);
        } catch (error) {
          if (judges.splice(0).length > 0) onFailure(error);
          return [];
        }
      },
      warnings,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function withoutSecrets(recording: Recording): Recording {
  return redactRecording(recording, createSecrets({ mode: 'redact', names: variableNames([]) }));
}

/** Answered or missed, as `pmproxy mock` would do. */
function lookUpIn(calls: RecordedCalls): Judge {
  return async (exchange) => {
    const refused = refusalOf(exchange);
    if (refused !== undefined) return missed(refused);
    // A body of which only the beginning is known may be any.
    if (exchange.request.body?.cut) return undefined;
    const asked = await askedOf(exchange);
    const match = await calls.match(asked);
    return match.kind === 'found' ? ANSWERED : missed(missWords(asked, match));
  };
}

const ANSWERED: CallMark = { kind: 'answered', words: [] };

function missed(words: string): CallMark {
  return { kind: 'missed', words: [line(words)] };
}

/** What `pmproxy mock` itself has said of a call that it did not answer. */
export function refusalOf({ outcome }: Exchange): string | undefined {
  return headerValue(responseOf(outcome)?.headers ?? [], 'x-pmproxy-miss');
}

async function compareWith(
  yardstick: Recording,
  isIgnored: (place: string) => boolean,
): Promise<Judge> {
  const compare = await openCallComparison(yardstick, { isIgnored });
  return async (exchange) => {
    const lines = (await compare(exchange)).map((finding) => line(placeLine(finding)));
    if (lines.length === 0) return undefined;
    if (lines.length <= maxMarkLines) return { kind: 'differs', words: lines };
    const words = lines.slice(0, maxMarkLines - 1);
    const rest = (lines.length - words.length).toLocaleString('en-US');
    return { kind: 'differs', words: [...words, `and ${rest} more`] };
  };
}

function line(text: string): string {
  const shown = visible(text);
  return shown.length > maxMarkLength ? `${shown.slice(0, maxMarkLength - 1)}…` : shown;
}
