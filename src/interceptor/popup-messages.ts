import type { Settings } from './settings.ts';

/** The state of the connection to the client, as the popup shows it. */
export type LinkState =
  | { readonly kind: 'unpaired' }
  /** There is nothing to send and nothing to receive. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** The client has asked to hold what comes: Disconnect in its page. */
  | { readonly kind: 'paused' }
  /** The client does not answer, or refuses; the reason is a sentence. */
  | { readonly kind: 'away'; readonly reason: string };

/** What the worker sends to the popup whenever it changes. */
export type PopupState = {
  readonly settings: Settings;
  /** The port of the paired client. */
  readonly port?: number | undefined;
  readonly link: LinkState;
  /** Calls captured since the browser started. */
  readonly captured: number;
  /** Calls that the client has not acknowledged. */
  readonly held: number;
  /** Calls that were dropped because too many were held. */
  readonly dropped: number;
  /** The latest failure that people should know of, in a sentence. */
  readonly notice?: string | undefined;
};

/** What the popup sends to the worker. */
export type PopupCommand =
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'pair'; readonly code: string; readonly port: number }
  | { readonly type: 'unpair' };

/** The name of the connection between the two. */
export const popupPort = 'popup';
