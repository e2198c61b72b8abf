import type { Collection, CollectionHead, Variable } from '../../collection.ts';
import { itemsOf, stepsOf } from '../../document/items.ts';
import { tellLosses } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import { enabled } from '../../document/url.ts';
import { textOf } from '../../json/object.ts';
import type { GivenOptions } from '../exporter.ts';
import { commentLines, itemBlock } from './item.ts';
import { oneLine } from './text.ts';

/**
 * Writes a collection as a file of requests: one for each request, in their order, its variables as they are. The
 * collection is read twice, so that the values of variables stand first.
 */
export async function* documentRequests(
  collection: Collection,
  options: GivenOptions,
): AsyncGenerator<string> {
  const { attach } = options;
  const declared: Variable[] = [];
  let count = 0;
  for await (const { variables, item } of itemsOf(collection)) {
    declared.push(...variables);
    if (item.request.url.raw !== '') count += 1;
  }
  const onLoss = options.onLoss ?? (() => {});
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss);
    if (step.kind === 'head') yield fileHead(step.head, count, declared);
    else if (step.kind === 'item') {
      const block = await itemBlock(step.placed, { attach, onLoss });
      if (block !== '') yield `\n${block}`;
    }
  }
}

function fileHead(head: CollectionHead, count: number, declared: readonly Variable[]): string {
  const all = enabled([...head.variables, ...declared]);
  const values = new Map(all.map(({ key, value }) => [key, textOf(value)]));
  const lines = [...values].map(([key, value]) =>
    value === '' || /[\r\n]/.test(value)
      ? `# @${oneLine(key)} = \n`
      : `@${oneLine(key)} = ${value}\n`,
  );
  const requests = count === 1 ? '1 request' : `${count} requests`;
  return [
    `# ${oneLine(head.name)}: ${requests}.\n`,
    ...commentLines(plainText(head.description)),
    lines.length === 0
      ? ''
      : '\n# Variables. Those without a value need one here or in an environment.\n',
    ...lines,
  ].join('');
}
