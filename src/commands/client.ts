import { clientOptions, readClientOptions } from '../options/client.ts';
import { runClient } from '../session/client/run-client.ts';
import type { CommandModule } from './command.ts';

/** `pmproxy client`: the running client that `pmproxy sync` pushes to. */
export const clientCommand: CommandModule = {
  description:
    'Shows the calls that proxies push (`pmproxy sync`) in a live page, and adds them to ' +
    'collections.',
  examples: [
    'pmproxy client                       then, in another terminal: pmproxy sync',
    'pmproxy client --history ~/history   go on with the same history next time',
  ],
  options: { 'The client': clientOptions },
  wrapsCommand: false,
  run: ({ given }) => runClient(readClientOptions(given)),
};
