import type { ItemBody } from './schema.ts';

/**
 * A GraphQL request as the JSON that is sent (GraphQL over HTTP, 5.4). The variables are JSON already, in which a secret
 * may have become a name in braces.
 */
export function graphqlText({
  query,
  operationName,
  variables,
}: Extract<ItemBody, { mode: 'graphql' }>['graphql']): string {
  const members = [
    `"query":${JSON.stringify(query)}`,
    ...(operationName === undefined ? [] : [`"operationName":${JSON.stringify(operationName)}`]),
    ...(variables === undefined ? [] : [`"variables":${variables}`]),
  ];
  return `{${members.join(',')}}`;
}
