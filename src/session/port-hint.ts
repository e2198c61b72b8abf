import { createServer } from 'node:net';
import { errorCode, UserError } from '../errors.ts';
import { MAX_PORT } from '../options/values.ts';

/**
 * Adds a hint to the error of a port that is in use: the command line with a free port.
 *
 * @param command the name of the command
 */
export async function portHint(
  error: unknown,
  command: string,
  { port, bind }: { readonly port: number; readonly bind: string },
): Promise<unknown> {
  if (!(error instanceof UserError) || errorCode(error.cause) !== 'EADDRINUSE') return error;
  return new UserError(error.message, {
    cause: error.cause,
    exitCode: 2,
    hint: `Try: pmproxy ${command} --port ${await portBehind(port, bind)}`,
  });
}

/** How many ports are tried. */
const portsTried = 20;

/** The first free port after one that is in use; 0, for any free port, when none of the next ones is free. */
async function portBehind(taken: number, bind: string): Promise<number> {
  for (let port = taken + 1; port <= Math.min(taken + portsTried, MAX_PORT); port += 1)
    if (await isFree(port, bind)) return port;
  return 0;
}

function isFree(port: number, bind: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, bind, () => server.close(() => resolve(true)));
  });
}
