import { rm } from 'node:fs/promises';
import { describeError } from '../../errors.ts';
import { journalsFolder } from '../../home.ts';
import { claimJournal, type FoundJournal, findPushedJournals } from '../../record/journals.ts';
import { Producer, type ProducerOptions } from '../../sync/push/producer.ts';
import type { SendNotice } from './messages.ts';

/** The options that every session of this process is pushed with. */
export type PushOptions = Omit<ProducerOptions, 'folder' | 'session'>;

/**
 * Pushes the journals that earlier sessions did not deliver, the oldest first, each as its original session. Removes those
 * that are delivered completely.
 *
 * @param signal stops the delivery; the rest is left for the next command
 */
export async function deliverUndelivered(
  home: string,
  options: PushOptions & { readonly sendNotice: SendNotice },
  signal: AbortSignal,
): Promise<void> {
  for (const journal of await findPushedJournals(journalsFolder(home))) {
    if (signal.aborted) return;
    if (journal.alive) continue;
    try {
      await deliverOne(journal, options, signal);
    } catch (error) {
      const message = `${journal.folder} cannot be delivered: ${describeError(error)}`;
      options.sendNotice({ level: 'warn', message });
    }
  }
}

async function deliverOne(
  found: FoundJournal,
  { sendNotice, ...options }: PushOptions & { readonly sendNotice: SendNotice },
  signal: AbortSignal,
): Promise<void> {
  const folder = await claimJournal(found);
  if (folder === undefined) return;
  const { startedAt, version, session } = found.owner;
  const known = { startedAt, version, ...(session ?? { id: folder, name: folder }) };
  if (!found.empty) {
    const producer = new Producer({ ...options, folder, session: known });
    const { undelivered } = await producer.finish(signal, true);
    if (undelivered > 0) return;
    const message = `Delivered what was left of ${known.name}, recorded ${startedAt}.`;
    sendNotice({ level: 'info', message });
  }
  await rm(folder, { recursive: true, force: true });
}
