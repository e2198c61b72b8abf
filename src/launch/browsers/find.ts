import { homedir } from 'node:os';
import { usageError } from '../../errors.ts';
import { isProgram } from '../programs.ts';
import { candidatePaths, type Machine } from './candidates.ts';
import { type BrowserFamily, KNOWN_BROWSERS, type KnownBrowser } from './known.ts';

/** A browser that is installed. */
export type Browser = {
  /** Its path. */
  readonly program: string;
  /** `Chromium`, or the program's path if that was given. */
  readonly title: string;
  readonly family: BrowserFamily;
};

/** A machine, and a test for programs on it; {@link thisMachine} is the real one. */
export type BrowserMachine = Machine & { isProgram(path: string): boolean };

/** The machine that this process runs on. */
export function thisMachine(): BrowserMachine {
  return { platform: process.platform, env: process.env, home: homedir(), isProgram };
}

/**
 * Finds a browser.
 *
 * @param given its name (`chrome`, or its program's `google-chrome`) in any case, a path, or nothing for the first of
 * {@link KNOWN_BROWSERS} that is installed
 * @throws UserError (exit code 2) that names the browsers found
 */
export function findBrowser(given: string, machine: BrowserMachine): Browser {
  if (/[/\\]/.test(given)) return browserAt(given, machine);
  if (given === '') {
    const [first] = installed(KNOWN_BROWSERS, machine);
    if (first !== undefined) return first;
    throw usageError(
      'No browser found: looked for Chrome, Chromium, Edge, Brave and Firefox.',
      'Install one, or name a program: --browser /path/to/program',
    );
  }
  const name = given.toLowerCase();
  const meant = KNOWN_BROWSERS.find(
    (browser) => browser.name === name || browser.programs.includes(name),
  );
  const [found] = meant === undefined ? [] : installed([meant], machine);
  if (found === undefined) throw noSuchBrowser(given, machine);
  return found;
}

function installed(browsers: readonly KnownBrowser[], machine: BrowserMachine): Browser[] {
  return browsers.flatMap((browser) => {
    const program = candidatePaths(browser, machine).find((path) => machine.isProgram(path));
    return program === undefined ? [] : [{ program, title: browser.title, family: browser.family }];
  });
}

// Only the program's name identifies the family; most browsers belong to Chromium's.
function browserAt(path: string, machine: BrowserMachine): Browser {
  if (URL.canParse(path) && /^https?:/i.test(path)) {
    throw usageError(
      `--browser ${path}: it is a URL, not a browser.`,
      `Write URLs after --: --browser -- ${path}`,
    );
  }
  if (!machine.isProgram(path)) throw noSuchBrowser(path, machine);
  const isFirefox = /(?:firefox|librewolf|waterfox|floorp|zen)[^/\\]*$/i.test(path);
  return { program: path, title: path, family: isFirefox ? 'firefox' : 'chromium' };
}

function noSuchBrowser(given: string, machine: BrowserMachine): Error {
  const names = KNOWN_BROWSERS.filter((browser) => installed([browser], machine).length > 0).map(
    ({ name }) => name,
  );
  const found = names.length === 0 ? 'Found none' : `Found: ${names.join(', ')}`;
  return usageError(
    `No such browser: ${given}. ${found}.`,
    'Write one of these names, or the path of a program.',
  );
}
