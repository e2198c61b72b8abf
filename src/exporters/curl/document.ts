import type { Collection, CollectionHead, Variable } from '../../collection.ts';
import { itemsOf, stepsOf } from '../../document/items.ts';
import { tellLosses } from '../../document/losses.ts';
import { plainText } from '../../document/text.ts';
import type { GivenOptions } from '../exporter.ts';
import { itemBlock } from './item.ts';
import { comment, commentLines } from './request.ts';
import { shellVariables } from './variables.ts';

/**
 * Writes a collection as a shell script: a call of curl for each request, in their order, with a shell variable for each
 * of its variables. The collection is read twice, so that the variables stand first.
 */
export async function* documentScript(
  collection: Collection,
  options: GivenOptions,
): AsyncGenerator<string> {
  const variables = shellVariables();
  const { attach } = options;
  let head: CollectionHead | undefined;
  const declared: Variable[] = [];
  let count = 0;
  for await (const placed of itemsOf(collection)) {
    declared.push(...placed.variables);
    const block = await itemBlock(placed, { variables, attach, onLoss: () => {} });
    if (block !== '') count += 1;
  }
  const onLoss = options.onLoss ?? (() => {});
  for await (const step of stepsOf(collection)) {
    tellLosses(step, onLoss);
    if (step.kind === 'head') {
      head = step.head;
      const lines = variables.lines([...declared, ...head.variables]);
      yield scriptHead(head, count, lines, attach !== undefined);
    } else if (step.kind === 'item') {
      const block = await itemBlock(step.placed, { variables, attach, onLoss });
      if (block !== '') yield `\n${block}`;
    }
  }
}

function scriptHead(
  head: CollectionHead,
  count: number,
  lines: readonly string[],
  isFile: boolean,
): string {
  const requests = count === 1 ? '1 request' : `${count} requests`;
  return [
    `#!/bin/sh\n# ${comment(head.name)}: ${requests}, to be sent by curl.\n`,
    ...commentLines(plainText(head.description)),
    // Files beside the script are named relative to it.
    isFile ? 'CDPATH= cd -- "$(dirname -- "$0")" || exit\n' : '',
    lines.length === 0 ? '' : '\n# Variables. Others may be set before.\n',
    ...lines.map((line) => `${line}\n`),
  ].join('');
}
