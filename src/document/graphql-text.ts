import type { ItemBody } from '../collection.ts';

/**
 * A GraphQL request as the JSON that is sent (GraphQL over HTTP, 5.4). The GraphQL variables are already JSON, which
 * may contain names in braces.
 *
 * @param resolve replaces variables with their values
 */
export function graphqlText(
  body: Omit<Extract<ItemBody, { mode: 'graphql' }>, 'mode'>,
  resolve: (text: string) => string = (text) => text,
): string {
  const { query, operationName, variables = '' } = body;
  const members = [
    `"query":${JSON.stringify(resolve(query))}`,
    ...(operationName === undefined
      ? []
      : [`"operationName":${JSON.stringify(resolve(operationName))}`]),
    ...(variables.trim() === '' ? [] : [`"variables":${resolve(variables)}`]),
  ];
  return `{${members.join(',')}}`;
}
