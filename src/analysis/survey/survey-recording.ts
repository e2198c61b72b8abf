import { type Exchange, type Recording, responseOf } from '../../exchange.ts';
import { asBuffer } from '../../http/body-text.ts';
import { surveyedRequests } from './requests.ts';
import type { Survey, SurveyOptions, Upgraded } from './survey.ts';
import { createSurveyor } from './surveyor.ts';

/** Reads the recording once and gathers the facts. */
export async function surveyRecording(
  recording: Recording,
  options: SurveyOptions,
): Promise<Survey> {
  const upgraded: Upgraded[] = [];
  const surveyor = createSurveyor(options);
  let place = 0;
  for await (const exchange of recording.read()) {
    const { body } = exchange.request;
    if (isUpgraded(exchange)) upgraded.push(upgradedOf(exchange));
    else await surveyor.see(place, exchange, body && asBuffer(await body.bytes()));
    place += 1;
  }
  const { bracedNames, ...gathered } = surveyor.finish();
  return { ...surveyedRequests(gathered, options), bracedNames, upgraded };
}

function isUpgraded(exchange: Exchange): boolean {
  return exchange.webSocket !== undefined || responseOf(exchange.outcome)?.status === 101;
}

function upgradedOf(exchange: Exchange): Upgraded {
  const { url } = exchange.request;
  return exchange.webSocket === undefined ? { url } : { url, messages: exchange.webSocket.count };
}
