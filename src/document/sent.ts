import type { ItemBody, ItemRequest, Members } from '../collection.ts';

/** Methods for which postman-runtime drops the body (METHODS_WITHOUT_BODY in its requester). */
const PRUNED = new Set(['GET', 'COPY', 'HEAD', 'PURGE', 'UNLOCK']);

/** Whether runners send no body with this method unless `disableBodyPruning` is set. */
export function isPruned(method: string): boolean {
  return PRUNED.has(method.toUpperCase());
}

/**
 * The body that a runner sends: not a disabled one, and none with GET and the like unless pruning is off.
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

/** Whether the runner is configured not to add a Content-Type. */
export function hasPlainType(behavior: Members | undefined): boolean {
  const disabled = behavior?.['disabledSystemHeaders'];
  return typeof disabled === 'object' && disabled !== null && 'content-type' in disabled;
}
