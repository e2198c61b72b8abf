import type { CollectionEvent } from '../../collection.ts';
import type { Exchange } from '../../exchange.ts';
import { type Auth, askedBy } from '../auth.ts';
import type { SurveyedRequest } from '../survey/survey.ts';
import { callEvent, withoutUserinfo } from './call.ts';
import { exampleCollector } from './examples.ts';
import { calledItem, type ItemContext, recordedItem, withoutAuth } from './item.ts';

/** An item that is yet to be read: the request at `index` of the survey. */
export type Unread = {
  readonly surveyed: SurveyedRequest;
  readonly index: number;
  /** The authentication, if an enclosing folder or the collection sets it. */
  readonly inherited: Auth | undefined;
};

/** Produces the events of an item, exchange by exchange. */
type ItemEvents = {
  see(exchange: Exchange): Promise<CollectionEvent[]>;
  end(): CollectionEvent;
};

/** The events of one item: the first exchange creates the item, each creates a call if requested, else an example. */
export function itemEvents(unread: Unread, context: ItemContext): ItemEvents {
  return context.options.calls === undefined
    ? exampleEvents(unread, context)
    : callEvents(unread, context);
}

function callEvents({ surveyed, inherited }: Unread, context: ItemContext): ItemEvents {
  let isBegun = false;
  return {
    async see(recorded) {
      const exchange = withoutUserinfo(askedBy(inherited, recorded));
      const events: CollectionEvent[] = [];
      if (!isBegun) events.push({ kind: 'item', item: calledItem(exchange, surveyed, context) });
      isBegun = true;
      events.push(await callEvent(exchange, context));
      return events;
    },
    end: () => ({ kind: 'end' }),
  };
}

function exampleEvents({ surveyed, index, inherited }: Unread, context: ItemContext): ItemEvents {
  let collector: ReturnType<typeof exampleCollector> | undefined;
  return {
    async see(recorded) {
      const exchange = askedBy(inherited, recorded);
      const events: CollectionEvent[] = [];
      if (collector === undefined) {
        const whole = await recordedItem(exchange, surveyed, index, context);
        const item = inherited === undefined ? whole : withoutAuth(whole);
        collector = exampleCollector(item, surveyed, context);
        events.push({ kind: 'item', item });
      }
      const example = await collector.see(exchange);
      if (example !== undefined) events.push(example);
      return events;
    },
    end() {
      const lines = collector?.script(context.chains.stores(index)) ?? [];
      if (lines.length === 0) return { kind: 'end' };
      const script = { listen: 'test', code: lines.join('\n'), type: 'text/javascript' };
      return { kind: 'end', scripts: [script] };
    },
  };
}
