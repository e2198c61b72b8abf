import { useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import { formatCount } from '../parts/format.ts';
import { Text } from '../parts/text.tsx';

/** How many characters are drawn at first. */
const AT_ONCE = 50_000;

/** Text of several lines. Only the beginning of a long text is drawn at first. */
export function LongText({ text }: { readonly text: string }) {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > AT_ONCE;
  return (
    <>
      <pre class="captured">
        <Text value={cut ? text.slice(0, AT_ONCE) : text} lines />
      </pre>
      {cut && (
        <Button
          class="more"
          label={`Show all ${formatCount(text.length)} characters`}
          onPress={() => setAll(true)}
        />
      )}
    </>
  );
}
