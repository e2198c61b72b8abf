import { STATUS_CODES } from 'node:http';
import type { PathValue } from '../../analysis/endpoints/path-templates.ts';
import { type Exchange, type RecordedResponse, responseOf } from '../../exchange.ts';
import { parseTarget } from '../../http/target.ts';
import { type ContentFacts, contentFacts } from './content.ts';
import type { Operation, Response, SecurityRequirement } from './document.ts';
import { parameterFacts } from './parameters.ts';
import type { SecurityFacts } from './security.ts';

/** What the calls of one operation had in common; its size does not depend on how many there are. */
export type OperationFacts = {
  /**
   * @param path the parameters in its path
   * @param redacted the same exchange with variables in the place of secrets
   */
  see(exchange: Exchange, path: readonly PathValue[], redacted: Exchange): Promise<void>;
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

  async function see(
    exchange: Exchange,
    path: readonly PathValue[],
    redacted: Exchange,
  ): Promise<void> {
    const { headers, url, body } = exchange.request;
    const { query = '' } = parseTarget(url);
    calls += 1;
    if (body !== undefined && body.size > 0) withBody += 1;
    const shown = parseTarget(redacted.request.url).query ?? '';
    parameters.see({ path, query, headers }, { query: shown, headers: redacted.request.headers });
    const requirement = security.see(headers, query);
    requirements.set(Object.keys(requirement).join(' '), requirement);
    await request.see(exchange.request, redacted.request);
    await seeAnswer(exchange, redacted);
  }

  async function seeAnswer(exchange: Exchange, redacted: Exchange): Promise<void> {
    const answer = exchange.outcome.kind === 'completed' ? responseOf(exchange.outcome) : undefined;
    const shown = responseOf(redacted.outcome);
    if (answer === undefined || shown === undefined || answer.status < 200) return;
    const key = responseKey(answer.status);
    const known = answers.get(key) ?? {
      description: describedStatus(answer),
      content: contentFacts(),
    };
    answers.set(key, known);
    await known.content.see(answer, shown);
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

/** OpenAPI 3.1.1, 4.8.16: a response has a status of HTTP (RFC 9110, 15), all others are "default". */
function responseKey(status: number): string {
  return status > 599 ? 'default' : String(status);
}

function describedStatus({ status, statusText }: RecordedResponse): string {
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
