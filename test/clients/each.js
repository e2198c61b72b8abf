// What the programs in JavaScript share: each client asks each URL for a path of its own.

/**
 * @param clients functions that ask for a URL, by name; those in CLIENTS are called, one after another
 */
export async function each(clients) {
  for (const name of process.env.CLIENTS.split(' ')) {
    for (const base of process.env.URLS.split(' ')) {
      try {
        await within(20_000, clients[name](`${base}/${process.env.PREFIX}${name}`));
      } catch (error) {
        const reason = error.cause ?? error;
        process.stderr.write(
          `${process.env.PREFIX}${name} ${base}: ${reason.code ?? ''} ${reason.message}\n`,
        );
      }
    }
  }
}

// A client that waits for ever must not keep the others waiting.
function within(timeoutMs, promise) {
  return Promise.race([
    promise,
    new Promise((_, reject) => {
      setTimeout(() => reject(new Error('took too long')), timeoutMs).unref();
    }),
  ]);
}
