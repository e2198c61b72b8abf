import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { typeFault } from '../json/fault.ts';

/**
 * Validates a part of a JSON document.
 *
 * @param path its location, for the message
 * @throws UserError that names the first missing or invalid member
 */
export function readAs<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = (issue?.path ?? []).reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`),
    path,
  );
  throw new UserError(`${place} ${faultOf(issue)}.`);
}

function faultOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.input === undefined) return 'is missing';
  const [, wanted, found] =
    /^Invalid input: expected ([^,]+), received (\S+)$/.exec(issue.message) ?? [];
  if (wanted !== undefined && found !== undefined) return typeFault(wanted, found);
  return issue.message === 'Invalid input' ? 'is not valid here' : issue.message;
}
