import { expect, test } from 'vitest';
import { withDashes } from '../../src/options/arguments.ts';
import { commanderOptions } from '../../src/options/option.ts';
import { recordedOptions } from '../../src/options/recorded.ts';

const options = commanderOptions(recordedOptions);

test.each([
  [
    ['--restricted_headers', 'true'],
    ['--restricted-headers', 'true'],
  ],
  [['--restricted_headers=a_b'], ['--restricted-headers=a_b']],
  [
    ['save', '--max_body', '1_0'],
    ['save', '--max-body', '1_0'],
  ],
  [
    ['--not_url', '--a_b', '--no_static'],
    ['--not-url', '--a_b', '--no-static'],
  ],
  [
    ['--redact', 'x_id', 'my_file'],
    ['--redact', 'x_id', 'my_file'],
  ],
  [
    ['--no_static', '--', '--a_b', 'c_d'],
    ['--no-static', '--', '--a_b', 'c_d'],
  ],
])('%j becomes %j', (typed, meant) => {
  expect(withDashes(typed, options)).toEqual(meant);
});
