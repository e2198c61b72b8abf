import { ignoredPlaces } from '../../calls/ignored.ts';
import { openRecordedCalls } from '../../calls/recorded-calls.ts';
import { openCallComparison } from '../../compare/call-comparison.ts';
import { usageError } from '../../errors.ts';
import type { Recording } from '../../exchange.ts';
import { redactRecording } from '../../secrets/redact/recording.ts';
import { createSecrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';
import type { MarksOf } from '../../sync/push/encoding.ts';
import { type OpenRecordings, openRecordings } from '../inputs.ts';
import { checkAnswers } from '../mocking/recorded-answers.ts';
import type { ComparisonOptions } from './comparison-options.ts';
import { answering, comparing, type Judge, lookingUp } from './judges.ts';

/** Marks calls by how they compare with recordings. */
export type CallMarks = {
  /** Judges one call, whose secrets are replaced by variables. */
  readonly marksOf: MarksOf;
  /** What a person should know of the recordings. */
  readonly warnings: readonly string[];
  /** Closes the recordings. */
  close(): Promise<void>;
};

/**
 * Opens the recordings that calls are marked by. Their secrets are replaced by variables, because calls come without
 * secrets too, and what a mark says is shown. This is the only place where marks are made.
 *
 * @param onFailure called once, with the first error of a comparison; a call that cannot be compared stays unmarked
 * @throws UserError when a recording cannot be read, or has no call that was answered
 */
export async function openCallMarks(
  { mock, check, ignore, areMocked }: ComparisonOptions,
  onFailure: (error: unknown) => void,
): Promise<CallMarks> {
  if ([...mock, check].filter((path) => path === '-').length > 1)
    throw usageError('Standard input (-) can be read once only.');
  const isIgnored = ignoredPlaces(ignore);
  const opened: OpenRecordings[] = [];
  const close = async () => {
    await Promise.all(opened.map((one) => one.close()));
  };
  const open = async (paths: readonly string[]) => {
    const found = await openRecordings(paths);
    opened.push(found);
    return found.recordings.map(withoutSecrets);
  };
  const openCalls = async () =>
    openRecordedCalls(await open(mock), { isIgnored: ({ at }) => isIgnored(at) });
  try {
    const calls = mock.length > 0 ? await openCalls() : undefined;
    const warnings = calls ? checkAnswers(calls, mock) : [];
    const [yardstick] = check === undefined ? [] : await open([check]);
    const judges: Judge[] = [];
    if (areMocked) judges.push(answering(calls));
    else if (calls) judges.push(lookingUp(calls));
    if (yardstick) judges.push(comparing(await openCallComparison(yardstick, { isIgnored })));
    return { marksOf: judgedBy(judges, onFailure), warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function judgedBy(judges: readonly Judge[], onFailure: (error: unknown) => void): MarksOf {
  let hasFailed = false;
  return async (exchange) => {
    try {
      const marks = await Promise.all(judges.map((judge) => judge(exchange)));
      return marks.filter((mark) => mark !== undefined);
    } catch (error) {
      if (!hasFailed) onFailure(error);
      hasFailed = true;
      return [];
    }
  };
}

function withoutSecrets(recording: Recording): Recording {
  return redactRecording(recording, createSecrets({ mode: 'redact', names: variableNames([]) }));
}
