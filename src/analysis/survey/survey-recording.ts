import { type Exchange, type Recording, responseOf } from '../../exchange.ts';
import { asBuffer } from '../../http/body-text.ts';
import { collectBracedNames } from '../../secrets/variables.ts';
import { surveyedRequests } from './requests.ts';
import type { Survey, SurveyOptions, Upgraded } from './survey.ts';
import { createSurveyor } from './surveyor.ts';

/** The result of one reading. */
export type Surveyed = {
  /** One survey for each of the options. */
  readonly surveys: readonly Survey[];
  /** The names in double braces in requests. */
  readonly bracedNames: ReadonlySet<string>;
};

/**
 * Reads the recording once and gathers the facts for each of the options.
 *
 * @param sockets whether WebSockets are written, so that their names in braces count
 */
export async function surveyRecording(
  recording: Recording,
  wanted: readonly SurveyOptions[],
  { sockets = false }: { readonly sockets?: boolean } = {},
): Promise<Surveyed> {
  const upgraded: Upgraded[] = [];
  const bracedNames = new Set<string>();
  const surveyors = wanted.map((options) => ({ options, surveyor: createSurveyor(options) }));
  let place = 0;
  for await (const exchange of recording.read()) {
    if (isUpgraded(exchange)) {
      upgraded.push(upgradedOf(exchange, place));
      if (sockets) await collectBracesOfSocket(exchange, bracedNames);
    } else {
      const { body: recorded } = exchange.request;
      const body = recorded && asBuffer(await recorded.bytes());
      collectBraces(exchange, body, bracedNames);
      for (const { surveyor } of surveyors) await surveyor.see(place, exchange, body);
    }
    place += 1;
  }
  const surveys = surveyors.map(({ options, surveyor }) => ({
    ...surveyedRequests(surveyor.finish(), options),
    upgraded,
  }));
  return { surveys, bracedNames };
}

function collectBraces(
  { request: { url, headers } }: Exchange,
  body: Buffer | undefined,
  names: Set<string>,
): void {
  collectBracedNames(url, names);
  for (const [name, value] of headers) {
    collectBracedNames(name, names);
    collectBracedNames(value, names);
  }
  if (body?.includes('{{')) collectBracedNames(body.toString('latin1'), names);
}

/** Messages of servers are not written to collections. */
async function collectBracesOfSocket(exchange: Exchange, names: Set<string>): Promise<void> {
  const { webSocket } = exchange;
  collectBraces(exchange, undefined, names);
  for await (const { from, data } of webSocket?.messages() ?? []) {
    const text = asBuffer(data);
    if (from === 'client' && text.includes('{{'))
      collectBracedNames(text.toString('latin1'), names);
  }
}

function isUpgraded(exchange: Exchange): boolean {
  return exchange.webSocket !== undefined || responseOf(exchange.outcome)?.status === 101;
}

function upgradedOf({ request: { url }, webSocket }: Exchange, place: number): Upgraded {
  return webSocket === undefined ? { url, place } : { url, place, messages: webSocket.count };
}
