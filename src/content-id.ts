import { hash } from 'node:crypto';

/** A sha-256 in hexadecimal. */
export function digest(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/**
 * An id derived from content, so that the same traffic gives the same bytes: sha-256 in the form of a UUID of version 8
 * (RFC 9562, 5.8).
 */
export function contentId(...parts: readonly string[]): string {
  // Lengths tell the parts apart.
  const hex = digest(parts.map((part) => `${part.length}:${part}`).join(''));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
