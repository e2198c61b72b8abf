/** Descriptors for other uses: standard streams, the journal, kept-alive connections, name look-ups. */
const ownDescriptors = 50;

/** One for a client's connection, one for its server's, and one for a large recorded body. */
const descriptorsEach = 3;

/**
 * How many clients may be connected at once so that each can be served: a server that accepts more clients than the
 * process has descriptors for serves none. Unlimited if the system sets no limit.
 */
export function mostClients(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } };
  };
  const limit = userLimits?.open_files?.soft;
  if (typeof limit !== 'number') return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor((limit - ownDescriptors) / descriptorsEach));
}
