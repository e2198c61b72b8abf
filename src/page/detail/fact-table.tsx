import type { ComponentChildren } from 'preact';
import type { HarNameValue } from '../../sync/wire/page-events.ts';
import { copyText } from '../actions.ts';
import { useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { CopyIcon } from '../parts/icons.tsx';
import { Text } from '../parts/text.tsx';

type Props = {
  readonly title: string;
  readonly facts: readonly HarNameValue[];
  /** Marks by name, in lower case. */
  readonly marks?: ReadonlyMap<string, string>;
  readonly closed?: boolean;
};

/** Names and values, such as headers, under a heading that folds them. Hidden when empty. */
export function FactTable({ title, facts, marks, closed = false }: Props) {
  const app = useApp();
  if (facts.length === 0) return null;
  const copyAll = () =>
    void copyText(
      app,
      facts.map(({ name, value }) => `${name}: ${value}`).join('\n'),
      `${title} copied`,
    );
  return (
    <Section title={`${title} (${facts.length})`} closed={closed}>
      <div class="facts-table">
        <Button
          class="corner"
          label={`Copy all: ${title}`}
          icon={<CopyIcon />}
          iconOnly
          onPress={copyAll}
        />
        <table aria-label={title}>
          <tbody>
            {facts.map(({ name, value }, at) => (
              <tr key={at}>
                <th scope="row">
                  <Text value={name} />
                  {marks?.has(name.toLowerCase()) && (
                    <span class="mark">{marks.get(name.toLowerCase())}</span>
                  )}
                </th>
                <td>
                  <Text value={value} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

type SectionProps = {
  readonly title: string;
  readonly closed?: boolean;
  readonly children: ComponentChildren;
};

/** A section of the details that can be folded. */
export function Section({ title, closed = false, children }: SectionProps) {
  return (
    <details class="section" open={!closed}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
