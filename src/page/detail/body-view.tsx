import { useMemo, useState } from 'preact/hooks';
import { copyText } from '../actions.ts';
import { useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { formatSize } from '../parts/format.ts';
import { CopyIcon } from '../parts/icons.tsx';
import { Text } from '../parts/text.tsx';
import { type Body, type BodyForm, bytesOf, essenceOf, formOf, imageUrl } from './body.ts';
import { Section } from './fact-table.tsx';
import { HexView } from './hex-view.tsx';
import { parseJson } from './json-model.ts';
import { JsonTree } from './json-tree.tsx';
import { LongText } from './long-text.tsx';

type Props = {
  readonly body: Body | undefined;
  /** The text that is shown without a body. */
  readonly absent: string;
};

/** A body in the most suitable form, with buttons for the other forms. */
export function BodyView({ body, absent }: Props) {
  if (body === undefined) {
    return (
      <Section title="Body">
        <p class="quiet">{absent}</p>
      </Section>
    );
  }
  return (
    <Section title={`Body (${formatSize(body.size)})`}>
      {body.cut && <p class="warning">Only the beginning was kept (--max-body).</p>}
      <Forms body={body} />
    </Section>
  );
}

const NAMES: Readonly<Record<BodyForm, string>> = {
  json: 'Tree',
  image: 'Picture',
  text: 'Text',
  hex: 'Hex',
};

/** The content of a body in one form. */
export function Forms({ body }: { readonly body: Body }) {
  const app = useApp();
  const best = formOf(body);
  const json = useMemo(() => (best === 'json' ? parseJson(body.text) : undefined), [body, best]);
  const forms: BodyForm[] = [
    ...(json !== undefined ? (['json'] as const) : []),
    ...(best === 'image' ? (['image'] as const) : []),
    ...(body.base64 ? [] : (['text'] as const)),
    'hex',
  ];
  const [wanted, setWanted] = useState<BodyForm | undefined>(undefined);
  const form = wanted ?? forms[0] ?? 'hex';
  return (
    <div class="body">
      <div class="body-bar">
        <span class="media-type">
          <Text value={essenceOf(body.mimeType) || 'no media type'} />
        </span>
        {forms.length > 1 && (
          <span class="segmented" role="group" aria-label="Show the body as">
            {forms.map((one) => (
              <Button
                key={one}
                label={NAMES[one]}
                pressed={one === form}
                onPress={() => setWanted(one)}
              />
            ))}
          </span>
        )}
        {!body.base64 && (
          <Button
            label="Copy the body"
            icon={<CopyIcon />}
            iconOnly
            onPress={() => void copyText(app, body.text, 'Body copied')}
          />
        )}
      </div>
      {form === 'json' && json !== undefined && <JsonTree value={json} />}
      {form === 'image' && <Picture body={body} />}
      {form === 'text' && <LongText text={body.text} />}
      {form === 'hex' && <Bytes body={body} />}
    </div>
  );
}

function Picture({ body }: { readonly body: Body }) {
  const url = useMemo(() => imageUrl(body), [body]);
  const [size, setSize] = useState('');
  return (
    <figure class="picture">
      <img
        src={url}
        alt="What the body holds"
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setSize(`${naturalWidth} × ${naturalHeight}`)
        }
        onError={() => setSize('The browser cannot show it.')}
      />
      <figcaption>{size}</figcaption>
    </figure>
  );
}

function Bytes({ body }: { readonly body: Body }) {
  const bytes = useMemo(() => bytesOf(body), [body]);
  return <HexView bytes={bytes} />;
}
