import type { Recording } from '../../exchange.ts';
import { openJournal } from '../../record/journal-reader.ts';

/**
 * Opens a journal to be converted. Each exchange is read together with its messages: damage that showed later would cost
 * the whole recording, here it costs the exchange.
 *
 * @throws UserError when the folder is not a journal; while reading, for each exchange that is damaged
 */
export function openJournalInput(folder: string): Recording & { close(): Promise<void> } {
  const journal = openJournal(folder);
  return {
    ...journal,
    async *read(places) {
      for await (const exchange of journal.read(places)) {
        if (exchange.webSocket) for await (const _ of exchange.webSocket.messages());
        yield exchange;
      }
    },
    close: async () => journal.close(),
  };
}
