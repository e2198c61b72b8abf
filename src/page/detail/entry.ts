import type { HarEntry } from '../../sync/wire/page-events.ts';

type Partly<T> = { readonly [Key in keyof T]?: unknown };

/**
 * A HAR entry with every part that the page reads. Entries of other programs may lack parts that pmproxy always writes; the
 * remaining parts must be shown all the same.
 */
export function wholeEntry(json: unknown): HarEntry {
  const entry = objectOf<HarEntry>(json);
  const request = objectOf<HarEntry['request']>(entry.request);
  const response = objectOf<HarEntry['response']>(entry.response);
  return {
    ...entry,
    time: typeof entry.time === 'number' ? entry.time : 0,
    timings: objectOf<HarEntry['timings']>(entry.timings),
    request: {
      ...request,
      httpVersion: textOf(request.httpVersion),
      headers: pairsOf(request.headers),
      cookies: pairsOf(request.cookies),
      queryString: pairsOf(request.queryString),
      bodySize: typeof request.bodySize === 'number' ? request.bodySize : -1,
      ...('postData' in request && { postData: postDataOf(request.postData) }),
    },
    response: {
      ...response,
      httpVersion: textOf(response.httpVersion),
      statusText: textOf(response.statusText),
      headers: pairsOf(response.headers),
      cookies: pairsOf(response.cookies),
      content: contentOf(response.content),
    },
  } as HarEntry;
}

function postDataOf(json: unknown): object {
  const data = objectOf<NonNullable<HarEntry['request']['postData']>>(json);
  return {
    ...data,
    mimeType: textOf(data.mimeType),
    text: textOf(data.text),
    params: pairsOf(data.params),
  };
}

function contentOf(json: unknown): object {
  const content = objectOf<HarEntry['response']['content']>(json);
  return {
    ...content,
    mimeType: textOf(content.mimeType),
    size: typeof content.size === 'number' ? content.size : 0,
  };
}

function objectOf<T>(json: unknown): Partly<T> {
  return typeof json === 'object' && json !== null ? (json as Partly<T>) : {};
}

function textOf(json: unknown): string {
  return typeof json === 'string' ? json : '';
}

function pairsOf(json: unknown): object[] {
  if (!Array.isArray(json)) return [];
  return json.map((one: unknown) => {
    const pair = objectOf<{ name: string; value: string }>(one);
    return { ...pair, name: textOf(pair.name), value: textOf(pair.value) };
  });
}
