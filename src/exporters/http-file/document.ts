import type { Collection, CollectionHead, Variable } from '../../collection.ts';
import { type PlacedItem, stepsOf } from '../../document/items.ts';
import { tellLosses } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import { enabled } from '../../document/url.ts';
import { textOf } from '../../json/object.ts';
import type { GivenOptions } from '../exporter.ts';
import { waitingText } from '../waiting-text.ts';
import { commentLines } from './block.ts';
import { type ItemFile, itemBlock } from './item.ts';
import { isPlainHost, recordedBlock } from './recorded-request.ts';
import { oneLine } from './text.ts';

/**
 * Writes a collection as a file of requests, in their order, with unchanged variables. The values of variables come first,
 * so the requests are held back; if they are too long for that, the collection is read twice.
 */
export async function* requestFile(
  collection: Collection,
  { attach, onLoss = () => {} }: GivenOptions,
): AsyncGenerator<string | Uint8Array> {
  const declared: Variable[] = [];
  const waiting = waitingText();
  let head: CollectionHead | undefined;
  let count = 0;
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss);
    if (step.kind === 'head') {
      head = step.head;
      declared.push(...head.variables);
    } else if (step.kind === 'finish') declared.push(...step.variables.filter(isWritable));
    else if (step.kind === 'item') {
      declared.push(...step.placed.variables);
      const block = await blockOf(step.placed, { attach, onLoss });
      if (block === '') continue;
      count += 1;
      waiting.add(`\n${block}`);
    }
  }
  if (head) yield fileHead(head, count, declared);
  yield* waiting.whole() ?? blocks(collection, { attach, onLoss: () => {} });
}

async function* blocks(collection: Collection, file: ItemFile): AsyncGenerator<string> {
  for await (const step of stepsOf(collection)) {
    const block = step.kind === 'item' ? await blockOf(step.placed, file) : '';
    if (block !== '') yield `\n${block}`;
  }
}

function blockOf(placed: PlacedItem, file: ItemFile): Promise<string> {
  const { item, call } = placed;
  return call ? recordedBlock(item, call, file) : itemBlock(placed, file);
}

function fileHead(head: CollectionHead, count: number, declared: readonly Variable[]): string {
  const values = new Map(enabled(declared).map(({ key, value }) => [key, textOf(value)]));
  const lines = [...values].map(([key, value]) =>
    value === '' || /[\r\n]/.test(value)
      ? `# @${oneLine(key)} = \n`
      : `@${oneLine(key)} = ${value}\n`,
  );
  const requests = count === 1 ? '1 request' : `${count} requests`;
  return [
    `# ${oneLine(head.name)}: ${requests}${head.recorded ? ' recorded by pmproxy' : ''}.\n`,
    ...commentLines(plainText(head.description)),
    lines.length === 0
      ? ''
      : '\n# Variables. Those without a value need one here or in an environment.\n',
    ...lines,
  ].join('');
}

/** A recorded host that would be misread is not used in any request. */
function isWritable({ value }: Variable): boolean {
  const text = textOf(value);
  return !/^https?:/.test(text) || isPlainHost(text);
}
