import { useState } from 'preact/hooks';
import type { BrowserCookie, CookieRequest } from '../../sync/wire/interceptor.ts';
import { reasonOf } from '../actions.ts';
import { askCookies } from '../link/requests.ts';
import { Button } from '../parts/button.tsx';
import { TrashIcon } from '../parts/icons.tsx';
import { Modal } from '../parts/modal.tsx';

/** Shows and changes the cookies that the browser of the Interceptor sends to a URL. */
export function CookieDialog({ onClose }: { readonly onClose: () => void }) {
  const [url, setUrl] = useState('');
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const ask = async (request: CookieRequest) => {
    try {
      setShown({ url: request.url, cookies: await askCookies(request) });
      setFault(undefined);
    } catch (error) {
      setFault(reasonOf(error));
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void ask({ action: 'list', url: withScheme(url.trim()) });
  };
  return (
    <Modal title="Cookies of the browser" onClose={onClose}>
      <form class="cookie-url" onSubmit={submit}>
        <label class="field">
          URL
          <input
            type="text"
            value={url}
            required
            autofocus
            autoComplete="off"
            spellcheck={false}
            placeholder="https://example.com/"
            aria-describedby="cookie-fault"
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary">
          Show
        </button>
      </form>
      <p id="cookie-fault" class="fault" role="alert">
        {fault}
      </p>
      {shown && <CookieList key={shown.url} {...shown} ask={ask} />}
    </Modal>
  );
}

type Shown = { readonly url: string; readonly cookies: readonly BrowserCookie[] };
type ListProps = Shown & { readonly ask: (request: CookieRequest) => Promise<void> };

function CookieList({ url, cookies, ask }: ListProps) {
  return (
    <>
      <ul class="cookie-list" aria-label={`Cookies of ${url}`}>
        {cookies.map((cookie) => (
          <li key={`${cookie.name} ${cookie.domain} ${cookie.path}`}>
            <label>
              <span class="name">{cookie.name}</span>
              {cookie.httpOnly && <span class="sign">HttpOnly</span>}
              <input
                type="text"
                value={cookie.value}
                autoComplete="off"
                spellcheck={false}
                onChange={({ currentTarget: { value } }) =>
                  ask({ action: 'set', url, cookie: { ...cookie, value } })
                }
              />
            </label>
            <Button
              label={`Delete ${cookie.name}`}
              icon={<TrashIcon />}
              iconOnly
              onPress={() => void ask({ action: 'remove', url, name: cookie.name })}
            />
          </li>
        ))}
      </ul>
      {cookies.length === 0 && <p class="quiet">No cookies.</p>}
      <NewCookie onAdd={(cookie) => void ask({ action: 'set', url, cookie })} />
    </>
  );
}

function NewCookie({ onAdd }: { readonly onAdd: (cookie: BrowserCookie) => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    onAdd({ name: name.trim(), value });
    setName('');
    setValue('');
  };
  return (
    <form class="cookie-new" onSubmit={submit}>
      <input
        type="text"
        value={name}
        required
        aria-label="Name of a new cookie"
        placeholder="Name"
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <input
        type="text"
        value={value}
        aria-label="Value of a new cookie"
        placeholder="Value"
        onInput={({ currentTarget }) => setValue(currentTarget.value)}
      />
      <button type="submit" class="button">
        Add
      </button>
    </form>
  );
}

function withScheme(url: string): string {
  return /^[a-z]+:\/\//i.test(url) ? url : `https://${url}`;
}
