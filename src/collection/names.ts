import type { Target } from './target.ts';

/** What an item is called: `GET /path`. */
export function itemName(method: string, target: Target): string {
  return `${method} ${target.path || '/'}`;
}
