/** A text that is held back until the text before it is complete. */
export type WaitingText = {
  add(text: string): void;
  /** The whole text in pieces; undefined if it became too long to hold, so that it must be generated again. */
  whole(): readonly Uint8Array[] | undefined;
};

/** The script of 100,000 requests has 22 MB. Reading the recording twice took a third of the time. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Pieces have about this many characters. */
const PIECE_LENGTH = 64 * 1024;

/** Starts empty. It holds bytes: concatenated strings would take several times the memory. */
export function waitingText(mostBytes = MOST_BYTES): WaitingText {
  let pieces: Uint8Array[] | undefined = [];
  let pending = '';
  let size = 0;
  const keep = () => {
    const piece = Buffer.from(pending);
    pending = '';
    size += piece.length;
    if (size > mostBytes) pieces = undefined;
    pieces?.push(piece);
  };
  return {
    add(text) {
      if (pieces === undefined) return;
      pending += text;
      if (pending.length >= PIECE_LENGTH) keep();
    },
    whole() {
      if (pending !== '') keep();
      return pieces;
    },
  };
}
