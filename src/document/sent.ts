import type { ItemBody, ItemRequest, Members } from '../collection.ts';

/** Methods whose body postman-runtime leaves out (METHODS_WITHOUT_BODY in its requester). */
const PRUNED = new Set(['GET', 'COPY', 'HEAD', 'PURGE', 'UNLOCK']);

/** Whether runners send no body with this method unless `disableBodyPruning` is set. */
export function isPruned(method: string): boolean {
  return PRUNED.has(method.toUpperCase());
}

/**
 * The body that a runner sends: none that is switched off, and none with GET and its like unless it is told to.
 *
 * @param behavior `protocolProfileBehavior` of the item
 */
export function sentBody(
  { method, body }: ItemRequest,
  behavior: Members | undefined,
): ItemBody | undefined {
  if (body === undefined || body.disabled || body.mode === 'none') return undefined;
  return isPruned(method) && behavior?.['disableBodyPruning'] !== true ? undefined : body;
}

/** Whether a runner is told to add no Content-Type of its own. */
export function hasPlainType(behavior: Members | undefined): boolean {
  const disabled = behavior?.['disabledSystemHeaders'];
  return typeof disabled === 'object' && disabled !== null && 'content-type' in disabled;
}
