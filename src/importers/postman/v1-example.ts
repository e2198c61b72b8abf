import type { Example } from '../../collection.ts';
import { durationOf, headersAt, listAt, objectAt, textMember } from '../../document/fields.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import { attempted, type OnFault } from '../input.ts';
import { parsed, requestAt } from './v1-request.ts';

/** The saved responses of a request, in order. */
export function examplesAt(saved: unknown, path: string, onFault: OnFault): Example[] {
  if (!isObject(saved)) return [];
  const list = attempted(() => listAt(saved['responses'], `${path}.responses`), onFault) ?? [];
  const read = list.flatMap((given, at): Example[] => {
    if (given === null) return [];
    const place = `${path}.responses[${at}]`;
    return attempted(() => [exampleAt(objectAt(given, place), place)], onFault) ?? [];
  });
  const order = saved['responses_order'];
  if (!Array.isArray(order)) return read;
  const placeOf = ({ id }: Example) => {
    const at = order.indexOf(id);
    return at < 0 ? order.length : at;
  };
  return read.sort((a, b) => placeOf(a) - placeOf(b));
}

function exampleAt(response: JsonObject, path: string): Example {
  const { requestObject, request, responseCode, text } = response as { [name: string]: unknown };
  // The original request is an object, JSON text, or unknown.
  const asked = parsed(requestObject) ?? parsed(request);
  const code = isObject(responseCode) ? responseCode : {};
  const cookies = listAt(response['cookies'], `${path}.cookies`);
  const status = Number(code['code']);
  return {
    name: textOf(response['name']),
    ...textMember('id', response['id']),
    ...(isObject(asked) ? { request: requestAt(asked, `${path}.request`) } : {}),
    status: textOf(code['name']),
    ...(Number.isInteger(status) && status > 0 ? { code: status } : {}),
    headers: headersAt(response['headers'], `${path}.headers`),
    ...(text === undefined ? {} : { body: text === null ? null : textOf(text) }),
    ...textMember('language', response['language']),
    ...(cookies.length === 0 ? {} : { cookies }),
    ...durationOf(response['time']),
  };
}
