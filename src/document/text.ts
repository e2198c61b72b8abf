import type { Description, ItemRequest } from '../collection.ts';

/** A description as text; undefined if missing or empty. */
export function plainText(description: Description | undefined): string | undefined {
  const text = typeof description === 'object' ? description.content : description;
  return text === '' ? undefined : text;
}

/** An item's description: of its request, where programs look first, or its own. */
export function saidOf(item: {
  readonly description?: Description;
  readonly request: ItemRequest;
}): string | undefined {
  return plainText(item.request.description) ?? plainText(item.description);
}
