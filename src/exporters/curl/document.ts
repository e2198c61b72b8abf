import type { Collection, CollectionHead, Variable } from '../../collection.ts';
import { type PlacedItem, stepsOf } from '../../document/items.ts';
import { tellLosses } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import type { GivenOptions } from '../exporter.ts';
import { comment, commentLines } from './block.ts';
import { type ItemScript, itemBlock } from './item.ts';
import { recordedBlock } from './recorded-request.ts';
import { shellVariables } from './variables.ts';

/**
 * Writes a collection as a shell script: a call of curl for each request, in their order, with a shell variable for each
 * of its variables. The collection is read twice, so that the variables stand first.
 */
export async function* curlScript(
  collection: Collection,
  { attach, onLoss = () => {} }: GivenOptions,
): AsyncGenerator<string> {
  const variables = shellVariables();
  const declared: Variable[] = [];
  let count = 0;
  const silent = { variables, attach, onLoss: () => {} };
  for await (const step of stepsOf(collection)) {
    if (step.kind === 'head') declared.push(...step.head.variables);
    else if (step.kind === 'finish') declared.push(...step.variables);
    else if (step.kind === 'item') {
      declared.push(...step.placed.variables);
      if ((await block(step.placed, silent)) !== '') count += 1;
    }
  }
  const script = { variables, attach, onLoss };
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss);
    if (step.kind === 'head') {
      yield scriptHead(step.head, count, variables.lines(declared), attach !== undefined);
    } else if (step.kind === 'item') {
      const text = await block(step.placed, script);
      if (text !== '') yield `\n${text}`;
    }
  }
}

function block(placed: PlacedItem, script: ItemScript): Promise<string> {
  const { item, call } = placed;
  return call ? recordedBlock(item, call, script) : itemBlock(placed, script);
}

function scriptHead(
  head: CollectionHead,
  count: number,
  { given, missing }: ReturnType<ReturnType<typeof shellVariables>['lines']>,
  isFile: boolean,
): string {
  const requests = count === 1 ? '1 request' : `${count} requests`;
  const source = head.recorded
    ? ' recorded by pmproxy, to be sent again by curl'
    : ', to be sent by curl';
  return [
    `#!/bin/sh\n# ${comment(head.name)}: ${requests}${source}.\n`,
    ...commentLines(plainText(head.description)),
    // Files beside the script are named relative to it.
    isFile ? 'CDPATH= cd -- "$(dirname -- "$0")" || exit\n' : '',
    missing.length === 0
      ? ''
      : '\n# Variables without a value, such as secrets. They have to be set before.\n',
    ...missing.map((line) => `${line}\n`),
    given.length === 0 ? '' : '\n# Variables. Others may be set before.\n',
    ...given.map((line) => `${line}\n`),
  ].join('');
}
