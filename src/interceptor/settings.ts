import { type CaptureFilter, noFilter } from './capture/filter.ts';

/** What a person chose in the popup. */
export type Settings = {
  /** Whether requests are captured. */
  readonly on: boolean;
  readonly filter: CaptureFilter;
  /** Whether response bodies are read, through `chrome.debugger`. */
  readonly bodies: boolean;
  /** Whether the page of the client may read and write cookies. */
  readonly cookies: boolean;
};

/** The client that this browser is paired with. */
export type Client = {
  readonly port: number;
  /** The id of the pairing. */
  readonly id: string;
  readonly token: string;
};

export type Saved = { readonly settings: Settings; readonly client?: Client | undefined };

export const initialSettings: Settings = {
  on: false,
  filter: noFilter,
  bodies: false,
  cookies: false,
};
