import { STATUS_CODES } from 'node:http';
import type { PathValue } from '../../analysis/endpoints/path-templates.ts';
import type { RecordedCall } from '../../collection.ts';
import { parseTarget } from '../../http/target.ts';
import { type ContentFacts, contentFacts } from './content.ts';
import type { Operation, Response, SecurityRequirement } from './document.ts';
import { parameterFacts } from './parameters.ts';
import type { SecurityFacts } from './security.ts';

/** A request and its response, which is absent or truncated if no complete one arrived. */
export type Call = Pick<RecordedCall, 'request' | 'response' | 'fault'>;

/** Summarizes the calls of one operation; its size does not depend on their number. */
export type OperationFacts = {
  /**
   * @param path the parameters in its path
   * @param shown the same call with variables instead of secrets
   */
  see(call: Call, path: readonly PathValue[], shown: Call): Promise<void>;
  operation(operationId: string, summary: string): Operation;
};

type Answers = { readonly description: string; readonly content: ContentFacts };

/** Starts with no call seen. */
export function operationFacts(security: SecurityFacts): OperationFacts {
  const parameters = parameterFacts();
  const request = contentFacts();
  const answers = new Map<string, Answers>();
  const requirements = new Map<string, SecurityRequirement>();
  let calls = 0;
  let withBody = 0;

  async function see(call: Call, path: readonly PathValue[], shown: Call): Promise<void> {
    const { headers, url, body } = call.request;
    const { query = '' } = parseTarget(url);
    calls += 1;
    if (body !== undefined && body.size > 0) withBody += 1;
    const shownQuery = parseTarget(shown.request.url).query ?? '';
    parameters.see({ path, query, headers }, { query: shownQuery, headers: shown.request.headers });
    const requirement = security.see(headers, query);
    requirements.set(Object.keys(requirement).join(' '), requirement);
    await request.see(call.request, shown.request);
    await seeAnswer(call, shown);
  }

  async function seeAnswer({ response, fault }: Call, shown: Call): Promise<void> {
    if (response === undefined || fault !== undefined || response.status < 200) return;
    const key = responseKey(response.status);
    const known = answers.get(key) ?? {
      description: describedStatus(response),
      content: contentFacts(),
    };
    answers.set(key, known);
    if (shown.response) await known.content.see(response, shown.response);
  }

  function operation(operationId: string, summary: string): Operation {
    const content = request.content();
    const found = parameters.parameters();
    return {
      operationId,
      summary,
      ...securityOf(requirements),
      ...(found.length === 0 ? {} : { parameters: found }),
      ...(content && { requestBody: { required: withBody === calls, content } }),
      responses: responses(answers),
    };
  }
  return { see, operation };
}

function securityOf(
  requirements: ReadonlyMap<string, SecurityRequirement>,
): Pick<Operation, 'security'> {
  const all = [...requirements.values()];
  return all.every((one) => Object.keys(one).length === 0) ? {} : { security: all };
}

/** OpenAPI 3.1.1, 4.8.16: the key is an HTTP status (RFC 9110, 15); any other status is "default". */
function responseKey(status: number): string {
  return status > 599 ? 'default' : String(status);
}

function describedStatus({ status, statusText }: NonNullable<Call['response']>): string {
  const words = statusText.trim() || STATUS_CODES[status] || 'As recorded';
  return status > 599 ? `${status} ${words}` : words;
}

function responses(answers: ReadonlyMap<string, Answers>): Record<string, Response> {
  if (answers.size === 0) return { default: { description: 'No answer was recorded.' } };
  const byStatus = [...answers].sort(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(
    byStatus.map(([status, { description, content }]) => {
      const found = content.content();
      return [status, { description, ...(found && { content: found }) }];
    }),
  );
}
