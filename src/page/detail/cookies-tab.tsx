import type { HarEntry } from '../../sync/wire/page-events.ts';
import { Text } from '../parts/text.tsx';
import { FactTable, Section } from './fact-table.tsx';

/** The cookies that the request sent, and those that the response set. */
export function CookiesTab({ entry }: { readonly entry: HarEntry }) {
  const sent = entry.request.cookies;
  const set = entry.response.cookies;
  if (sent.length + set.length === 0) return <p class="quiet">No cookies were sent or set.</p>;
  return (
    <>
      {set.length > 0 && (
        <Section title={`Set by the answer (${set.length})`}>
          <div class="wide">
            <table class="cookies">
              <thead>
                <tr>
                  {['Name', 'Value', 'Domain', 'Path', 'Expires', 'Flags'].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {set.map((cookie, at) => (
                  <tr key={at}>
                    <th scope="row">
                      <Text value={cookie.name} />
                    </th>
                    {[cookie.value, cookie.domain, cookie.path, cookie.expires].map(
                      (value, column) => (
                        <td key={column}>
                          <Text value={value ?? ''} />
                        </td>
                      ),
                    )}
                    <td>
                      {[cookie.httpOnly && 'HttpOnly', cookie.secure && 'Secure']
                        .filter(Boolean)
                        .join(', ')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Section>
      )}
      <FactTable title="Sent with the request" facts={sent} />
    </>
  );
}
