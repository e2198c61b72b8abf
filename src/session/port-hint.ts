import { createServer } from 'node:net';
import { errorCode, UserError } from '../errors.ts';
import { MAX_PORT } from '../options/values.ts';

/**
 * What to throw instead of an error of listening: where the port was taken, the command that takes another one.
 *
 * @param command its name, as it is typed
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

/** So many are looked at; who has taken them all knows of a better one. */
const portsTried = 20;

/** The first port behind a taken one that is free; 0, which takes any, where none of the next ones is. */
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
