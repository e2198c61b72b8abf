import type { Description, ItemRequest } from '../collection.ts';

/** A description as a text; undefined where there is none or it is empty. */
export function plainText(description: Description | undefined): string | undefined {
  const text = typeof description === 'object' ? description.content : description;
  return text === '' ? undefined : text;
}

/** What is said of an item: at its request, where programs look first, or at itself. */
export function saidOf(item: {
  readonly description?: Description;
  readonly request: ItemRequest;
}): string | undefined {
  return plainText(item.request.description) ?? plainText(item.description);
}
