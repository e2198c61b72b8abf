import { LongText } from '../detail/long-text.tsx';
import type { CompletionText } from './completion.ts';

/** The texts that a language model writes, put together. */
export function CompletionView({ texts }: { readonly texts: readonly CompletionText[] }) {
  return (
    <aside class="completion" aria-label="Assembled text">
      {texts.map(({ title, text }) => (
        <section key={title}>
          <h3>{title}</h3>
          <LongText text={text} />
        </section>
      ))}
    </aside>
  );
}
