import { visiblePieces } from './visible-text.ts';

/** Captured text, as text nodes only; what could not be seen is shown by a sign. */
export function Text({
  value,
  lines = false,
}: {
  readonly value: string;
  readonly lines?: boolean;
}) {
  const pieces = visiblePieces(value, lines);
  if (pieces.length === 1 && typeof pieces[0] === 'string') return <>{pieces[0]}</>;
  return (
    <>
      {pieces.map((piece) =>
        typeof piece === 'string' ? piece : <span class="sign">{piece.code}</span>,
      )}
    </>
  );
}
