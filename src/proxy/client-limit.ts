/** Descriptors for what is open besides: standard streams, the journal, kept-alive connections, look-ups of names. */
const ownDescriptors = 50;

/** A client's connection takes one, the one to its server another, and a large body that is recorded a third. */
const descriptorsEach = 3;

/**
 * How many clients may be connected at once, so that each of them can be served: a server that takes more than the
 * process has descriptors for serves none of them. Any number, where the system sets no limit.
 */
export function mostClients(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } };
  };
  const limit = userLimits?.open_files?.soft;
  if (typeof limit !== 'number') return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor((limit - ownDescriptors) / descriptorsEach));
}
