import type { Exporter } from '../exporter.ts';
import { REPLAYED } from '../replayed-headers.ts';
import { shellWord } from './shell.ts';

/** A POSIX shell script that sends the requests again, with one curl call each. */
export const curl: Exporter = {
  id: 'curl',
  endings: ['.sh'],
  asks: REPLAYED,
  about: 'a shell script of curl calls; recorded values are quoted and never run',
  environment: { ending: '.env', write: environment },
  async *render(source, options) {
    const { asCollection } = await import('../source.ts');
    const { curlScript } = await import('./document.ts');
    yield* curlScript(asCollection(source, { ...options, ...REPLAYED }), options);
  },
};

/** Writes an environment for the shell that runs the script: `. ./traffic.env && sh traffic.sh`. */
function environment(values: ReadonlyMap<string, string>): string {
  const lines = [...values].map(([name, value]) => {
    const bytes = Buffer.from(value).toString('latin1');
    return `export ${name}=${shellWord([bytes])}\n`;
  });
  return lines.join('');
}
