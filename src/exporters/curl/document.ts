import type { Collection, CollectionHead, Variable } from '../../collection.ts';
import { type PlacedItem, stepsOf } from '../../document/items.ts';
import { tellLosses } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import type { GivenOptions } from '../exporter.ts';
import { waitingText } from '../waiting-text.ts';
import { comment, commentLines } from './block.ts';
import { type ItemScript, itemBlock } from './item.ts';
import { recordedBlock } from './recorded-request.ts';
import { shellVariables } from './variables.ts';

/**
 * Writes a collection as a shell script: a curl call for each request, in their order, with a shell variable for each
 * variable. The variables come first, so the calls are held back; if they are too long for that, the collection is read
 * twice.
 */
export async function* curlScript(
  collection: Collection,
  { attach, onLoss = () => {} }: GivenOptions,
): AsyncGenerator<string | Uint8Array> {
  const variables = shellVariables();
  const declared: Variable[] = [];
  const waiting = waitingText();
  let head: CollectionHead | undefined;
  let count = 0;
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss);
    if (step.kind === 'head') {
      head = step.head;
      declared.push(...head.variables);
    } else if (step.kind === 'finish') declared.push(...step.variables);
    else if (step.kind === 'item') {
      declared.push(...step.placed.variables);
      const text = await block(step.placed, { variables, attach, onLoss });
      if (text === '') continue;
      count += 1;
      waiting.add(`\n${text}`);
    }
  }
  if (head) yield scriptHead(head, count, variables.lines(declared), attach !== undefined);
  yield* waiting.whole() ?? blocks(collection, { variables, attach, onLoss: () => {} });
}

async function* blocks(collection: Collection, script: ItemScript): AsyncGenerator<string> {
  for await (const step of stepsOf(collection)) {
    const text = step.kind === 'item' ? await block(step.placed, script) : '';
    if (text !== '') yield `\n${text}`;
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
    // Paths of files beside the script are relative to it.
    isFile ? 'CDPATH= cd -- "$(dirname -- "$0")" || exit\n' : '',
    missing.length === 0
      ? ''
      : '\n# Variables without a value, such as secrets. Set them before.\n',
    ...missing.map((line) => `${line}\n`),
    given.length === 0 ? '' : '\n# Variables. To use other values, set them before.\n',
    ...given.map((line) => `${line}\n`),
  ].join('');
}
