import type { Script } from '../collection.ts';
import type { Step } from './items.ts';
import { enabled } from './url.ts';

/** Part of a collection that is not written. */
export type Loss = {
  /** In the plural: `scripts`. */
  readonly kind: string;
  /** The existing file expresses it differently and is kept. Without this, the format cannot hold it. */
  readonly kept?: true;
  /** The names of the enclosing folders and the item; empty for the collection itself. */
  readonly place: readonly string[];
};

export type OnLoss = (loss: Loss) => void;

/** Reports what a format that only holds single requests cannot hold. */
export function tellLosses(step: Step, onLoss: OnLoss, { examples = false } = {}): void {
  switch (step.kind) {
    case 'head':
      tellScripts(step.head.scripts, [], onLoss);
      break;
    case 'folder':
      if (step.folder.scripts.length > 0) tellScripts(step.folder.scripts, step.place(), onLoss);
      break;
    case 'item': {
      const { place, scripts, item, call } = step.placed;
      // A recorded call is written completely.
      if (call !== undefined) break;
      tellScripts(scripts, place, onLoss);
      const { headers, url, body } = item.request;
      const fields = body && 'fields' in body ? body.fields : [];
      const all = [...headers, ...(url.parts?.query ?? []), ...fields];
      const off = all.length - enabled(all).length + (body?.disabled ? 1 : 0);
      for (let count = 0; count < off; count += 1)
        onLoss({ kind: 'disabled parameters, headers and bodies', place });
      if (!examples) for (const _ of step.placed.examples) onLoss({ kind: 'examples', place });
    }
  }
}

function tellScripts(scripts: readonly Script[], place: readonly string[], onLoss: OnLoss): void {
  for (const { code } of scripts) if (code.trim() !== '') onLoss({ kind: 'scripts', place });
}
