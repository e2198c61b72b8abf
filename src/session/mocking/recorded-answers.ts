import type { RecordedCalls } from '../../calls/recorded-calls.ts';
import { isAnyHost } from '../../calls/unknown-host.ts';
import { UserError } from '../../errors.ts';
import { counted } from '../../terminal/summary.ts';

/**
 * Checks what recordings can answer.
 *
 * @param paths as they were given
 * @returns a warning for each thing that a person should know of them
 * @throws UserError when they answer nothing
 */
export function checkAnswers(calls: RecordedCalls, paths: readonly string[]): string[] {
  if (calls.size === 0)
    throw new UserError(`${paths.join(', ')} holds no call that was answered.`, {
      hint: 'Record one: pmproxy save -o traffic.har -- <command>',
    });
  const { origins, unanswered, superseded } = calls;
  return [
    ...([...origins].some(isAnyHost)
      ? [
          'The host of some recorded calls is a variable without a value. They answer for any host. ' +
            `Name an environment file to give it one: pmproxy mock ${paths.join(' ')} <environment>`,
        ]
      : []),
    ...(unanswered > 0
      ? [
          `${counted(unanswered, 'recorded call')} cannot be answered: the answer is missing or was cut.`,
        ]
      : []),
    ...(superseded > 0
      ? [
          `${counted(superseded, 'recorded answer')} replaced by a later recording of the same request.`,
        ]
      : []),
  ];
}
