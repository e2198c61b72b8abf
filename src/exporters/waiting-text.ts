/** A text that waits for what stands before it. */
export type WaitingText = {
  add(text: string): void;
  /** All of it, in pieces; undefined where it became too long to be held, so that it has to be made again. */
  whole(): readonly Uint8Array[] | undefined;
};

/** The script of 100,000 requests has 22 MB. To read their recording again for it took a third of the time. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Pieces have about this many characters. */
const PIECE_LENGTH = 64 * 1024;

/** Starts with nothing. Memory holds bytes: texts that were put together of many would take several times as much. */
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
