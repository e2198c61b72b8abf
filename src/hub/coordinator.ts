import { describeError, usageError } from '../errors.ts';
import type { ClientState, HubEvent, Row, RowSelection } from '../sync/wire/page-events.ts';
import type { PushFilters } from '../sync/wire/protocol.ts';
import type { Collections } from './collections.ts';
import type { History } from './history/history.ts';
import { OpenStreams } from './open-streams.ts';
import { PageConnections, type PageRequest } from './page-connections.ts';
import { ProxyConnections, type ProxyNotice } from './proxy-connections.ts';
import { TargetFile } from './target-file.ts';

export type CoordinatorOptions = {
  readonly history: History;
  readonly collections: Collections;
  /** Returns a sentence about what is wrong with a page's filters, undefined when they are valid. */
  readonly checkFilters: (filters: PushFilters) => string | undefined;
  readonly version: string;
  readonly onNotice?: (notice: HubNotice) => void;
  /** After how many milliseconds a page that does not read is disconnected. */
  readonly stalledMs?: number;
};

/** An event for the log. */
export type HubNotice =
  | ProxyNotice
  /** A page did not read for too long and was disconnected. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'failure'; readonly error: unknown };

/** Connects proxies, pages, the history and collections: handles the requests of pages and passes on what changes. */
export class Coordinator {
  readonly proxies: ProxyConnections;
  readonly pages: PageConnections;
  command = '';
  /** Whether a browser shares its cookies. */
  sharesCookies = () => false;
  readonly #options: CoordinatorOptions;
  readonly #streams: OpenStreams;
  #collections: readonly string[];
  #target: TargetFile | undefined;
  /** The current target, and earlier ones that are still being written. */
  readonly #targets = new Set<TargetFile>();
  /** Requests of pages that are still being handled. */
  readonly #requests = new Set<Promise<void>>();

  constructor(options: CoordinatorOptions, collections: readonly string[]) {
    this.#options = options;
    this.#collections = collections;
    const { history, onNotice } = options;
    this.#streams = new OpenStreams();
    this.proxies = new ProxyConnections(history, this.#streams, (notice) => {
      if (notice.kind !== 'refused') this.pages.state();
      onNotice?.(notice);
    });
    this.pages = new PageConnections({
      history,
      streams: this.#streams,
      state: () => this.state(),
      onRequest: (request, answer) => this.#begin(request, answer),
      stalledMs: options.stalledMs ?? 30_000,
      onStalled: () => onNotice?.({ kind: 'stalled' }),
    });
    this.proxies.onStreams = () => this.pages.streams();
    history.onStored = (rows) => this.#stored(rows);
  }

  state(): ClientState {
    const { version, history, collections } = this.#options;
    return {
      version,
      history: history.id,
      clearedThrough: history.clearedThrough,
      command: this.command,
      sessions: this.proxies.sessions(),
      sharesCookies: this.sharesCookies(),
      connected: this.proxies.connected,
      filters: this.proxies.filters,
      ...(this.#target && { target: this.#target.name }),
      collections: this.#collections,
      folder: collections.folder,
    };
  }

  async close(): Promise<void> {
    this.proxies.close();
    await this.#options.history.flush();
    await Promise.all(Array.from(this.#targets, (target) => this.#closeTarget(target)));
    while (this.#requests.size > 0) await Promise.all(this.#requests);
    this.pages.close();
  }

  #stored(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    this.proxies.acknowledge(rows);
    const through = rows.at(-1)?.n ?? 0;
    this.pages.replaced(this.#streams.replaced(through));
    this.pages.rows();
    this.#target?.add(rows.map(({ n }) => n));
  }

  #begin(request: PageRequest, answer: (event: HubEvent) => void): void {
    const done = this.#handle(request, answer).finally(() => this.#requests.delete(done));
    this.#requests.add(done);
  }

  async #handle(request: PageRequest, answer: (event: HubEvent) => void): Promise<void> {
    try {
      await this.#perform(request, answer);
    } catch (error) {
      answer({ type: 'failure', message: describeError(error) });
    }
  }

  async #perform(request: PageRequest, answer: (event: HubEvent) => void): Promise<void> {
    switch (request.type) {
      case 'connect':
      case 'disconnect':
        this.proxies.connect(request.type === 'connect');
        return this.pages.state();
      case 'filters':
        return this.#filter(request);
      case 'clear':
        return this.#clear();
      case 'target':
        return this.#setTarget(request.collection);
      case 'save':
        return this.#save(request.collection, request.rows, answer);
    }
  }

  #filter(request: PushFilters & { type: string }): void {
    const { type: _, ...filters } = request;
    const fault = this.#options.checkFilters(filters);
    if (fault !== undefined) throw usageError(fault);
    this.proxies.filter(filters);
    this.pages.state();
  }

  async #clear(): Promise<void> {
    const { history } = this.#options;
    // Entries that are cleared can no longer be added to a collection.
    const through = await history.clear(async () => {
      for (const target of this.#targets) await target.flush();
    });
    this.#streams.clear();
    this.pages.streams();
    this.pages.tell({ type: 'cleared', through });
    this.pages.state();
  }

  async #setTarget(name: string | undefined): Promise<void> {
    const before = this.#target;
    if (name === before?.name) return;
    this.#target = name === undefined ? undefined : this.#newTarget(name);
    this.pages.state();
    if (before !== undefined) await this.#closeTarget(before);
  }

  #newTarget(name: string): TargetFile {
    const { history, collections } = this.#options;
    const target = new TargetFile({
      name,
      history,
      collections,
      onSaved: (added) => this.#saved({ type: 'saved', collection: name, added }),
      onFailure: (message) => this.pages.tell({ type: 'failure', message }),
    });
    this.#targets.add(target);
    return target;
  }

  // Calls that could not be written are still in the history, and the failure is reported.
  async #closeTarget(target: TargetFile): Promise<void> {
    try {
      await target.flush();
    } catch (error) {
      this.pages.tell({ type: 'failure', message: describeError(error) });
      this.#options.onNotice?.({ kind: 'failure', error });
    } finally {
      target.stop();
      this.#targets.delete(target);
    }
  }

  async #save(name: string, rows: RowSelection, answer: (event: HubEvent) => void): Promise<void> {
    const { history, collections } = this.#options;
    const added = await history.withEntries(rows, (entries) => collections.add(name, entries));
    this.#saved({ type: 'saved', collection: name, added }, answer);
  }

  #saved(
    event: Extract<HubEvent, { type: 'saved' }>,
    tell = (told: HubEvent) => this.pages.tell(told),
  ): void {
    tell(event);
    if (this.#collections.includes(event.collection)) return;
    this.#collections = [...this.#collections, event.collection].sort();
    this.pages.state();
  }
}
