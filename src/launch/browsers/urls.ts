import { usageError } from '../../errors.ts';

/**
 * Checks the URLs that a browser is to open.
 *
 * @param words the arguments after `--`; a word without a scheme is not guessed at, because it may be a command
 * @returns the words unchanged
 * @throws UserError (exit code 2) for anything but an `http` or `https` URL
 */
export function pageUrls(words: readonly string[]): readonly string[] {
  const wrong = words.find((word) => !/^https?:\/\/./i.test(word) || !URL.canParse(word));
  if (wrong === undefined) return words;
  const hint = /^[\w-]+(?:\.[\w-]+)+(?:[:/]|$)/.test(wrong)
    ? `Try: --browser -- https://${wrong}`
    : 'With --browser, the words after -- are URLs to open; leave out --browser to run a command.';
  throw usageError(`Not a URL: ${wrong}.`, hint);
}
