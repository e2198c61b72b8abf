import { useState } from 'preact/hooks';
import { type CaptureFilter, type Kind, urlFault } from '../capture/filter.ts';
import { Chips } from './chips.tsx';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map(
  (method) => [method, method] as const,
);

const kinds: readonly (readonly [Kind, string])[] = [
  ['page', 'Pages'],
  ['fetch', 'Fetch/XHR'],
  ['script', 'Scripts'],
  ['style', 'Styles'],
  ['image', 'Images'],
  ['font', 'Fonts'],
  ['media', 'Media'],
  ['socket', 'WebSockets'],
  ['other', 'Other'],
];

type Props = {
  readonly filter: CaptureFilter;
  readonly onChange: (filter: CaptureFilter) => void;
};

/** The choice of requests that are captured. */
export function FilterFields({ filter, onChange }: Props) {
  // The worker answers later than a person types.
  const [url, setUrl] = useState(filter.url);
  const fault = urlFault(url);
  const change = (typed: string) => {
    setUrl(typed);
    onChange({ ...filter, url: typed });
  };
  return (
    <section class="filter" aria-label="Filter">
      <label>
        URL matches
        <input
          value={url}
          autoComplete="off"
          spellcheck={false}
          placeholder="regular expression, such as ^https://api\."
          aria-invalid={fault !== undefined}
          aria-describedby="url-fault"
          onInput={({ currentTarget }) => change(currentTarget.value)}
        />
      </label>
      <p id="url-fault" class="fault" role="alert">
        {fault && `${fault}. Nothing is captured.`}
      </p>
      <Chips
        label="Methods"
        choices={methods}
        chosen={filter.methods}
        onChange={(chosen) => onChange({ ...filter, url, methods: chosen })}
      />
      <Chips
        label="Kinds"
        choices={kinds}
        chosen={filter.kinds}
        onChange={(chosen) => onChange({ ...filter, url, kinds: chosen })}
      />
    </section>
  );
}
