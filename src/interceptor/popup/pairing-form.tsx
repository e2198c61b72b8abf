import { useState } from 'preact/hooks';

type Props = {
  readonly notice: string | undefined;
  readonly onPair: (code: string, port: number) => void;
};

/** Asks for the code that `pmproxy interceptor` prints. */
export function PairingForm({ notice, onPair }: Props) {
  const [code, setCode] = useState('');
  const [port, setPort] = useState('5005');
  const submit = (event: Event) => {
    event.preventDefault();
    onPair(code.trim(), Number(port));
  };
  return (
    <form class="pairing" onSubmit={submit}>
      <p>
        Run <code>pmproxy interceptor</code> in a terminal, and type the code that it prints.
      </p>
      <div class="fields">
        <label>
          Code
          <input
            class="code"
            value={code}
            required
            autofocus
            autoComplete="off"
            spellcheck={false}
            placeholder="XXXX-XXXX"
            aria-describedby="notice"
            onInput={({ currentTarget }) => setCode(currentTarget.value)}
          />
        </label>
        <label class="port">
          Port
          <input
            type="number"
            min={1}
            max={65535}
            required
            value={port}
            onInput={({ currentTarget }) => setPort(currentTarget.value)}
          />
        </label>
      </div>
      <p id="notice" class="fault" role="alert">
        {notice}
      </p>
      <button type="submit" class="primary">
        Pair
      </button>
    </form>
  );
}
