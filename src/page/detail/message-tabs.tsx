import type { HarEntry } from '../../sync/wire/page-events.ts';
import { requestBody, responseBody } from './body.ts';
import { BodyView } from './body-view.tsx';
import { FactTable } from './fact-table.tsx';

/** The request: its body and headers. */
export function RequestTab({ entry }: { readonly entry: HarEntry }) {
  const { request } = entry;
  const set = new Map(
    (entry._rewritten ?? []).map((name) => [name.toLowerCase(), 'set by pmproxy']),
  );
  return (
    <>
      <FactTable title="Query" facts={request.queryString} />
      <FactTable title="Headers" facts={request.headers} marks={set} />
      <FactTable title="Trailers" facts={request._trailers ?? []} />
      <FactTable
        title="Form"
        facts={(request.postData?.params ?? []).map(({ name, value, fileName }) => ({
          name,
          value: value ?? fileName ?? '',
        }))}
      />
      <BodyView body={requestBody(entry)} absent="The request had no body." />
    </>
  );
}

/** The response: its body and headers. */
export function ResponseTab({ entry }: { readonly entry: HarEntry }) {
  const { response } = entry;
  if (response.status === 0) {
    return <p class="quiet">There was no answer{response._error ? `: ${response._error}` : ''}.</p>;
  }
  return (
    <>
      <BodyView body={responseBody(entry)} absent={absentBody(entry)} />
      <FactTable title="Headers" facts={response.headers} />
      <FactTable title="Trailers" facts={response._trailers ?? []} />
    </>
  );
}

function absentBody({ response }: HarEntry): string {
  if (response.content.size > 0) return 'The body was not kept.';
  return 'The answer had no body.';
}
