import { useState } from 'preact/hooks';
import { type App, useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { counted } from '../parts/format.ts';
import { Modal } from '../parts/modal.tsx';
import { useObservable } from '../parts/use-observable.ts';
import { nameFault } from './collection-name.ts';
import { CookieDialog } from './cookie-dialog.tsx';
import { Help } from './help.tsx';

/** The open dialog, if any. */
export function Dialogs() {
  const app = useApp();
  const dialog = useObservable(app.dialog);
  const close = () => app.dialog.set(undefined);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'help':
      return <Help onClose={close} />;
    case 'cookies':
      return <CookieDialog onClose={close} />;
    case 'copy':
      return (
        <Modal title="Copy this by hand" onClose={close}>
          <textarea
            class="by-hand"
            readOnly
            rows={10}
            aria-label="Text to copy"
            value={dialog.text}
          />
        </Modal>
      );
    case 'target':
      return (
        <NameDialog
          title="Add arriving calls to"
          action="Add from now on"
          onName={(collection) => app.command({ type: 'target', collection })}
          onClose={close}
        />
      );
    case 'save':
      return (
        <NameDialog
          title={`Save ${counted(dialog.rows.length, 'call')} to a collection`}
          action="Save"
          onName={(collection) => save(app, collection, dialog.rows)}
          onClose={close}
        />
      );
  }
}

function save(app: App, collection: string, rows: readonly number[]): void {
  app.command({ type: 'save', collection, rows: [...rows] });
  app.selection.untickAll();
}

type Props = {
  readonly title: string;
  readonly action: string;
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
};

/** Asks for a collection: an existing one, or a new name. */
function NameDialog({ title, action, onName, onClose }: Props) {
  const { client } = useApp();
  const state = useObservable(client);
  const [name, setName] = useState(state?.target ?? '');
  const [fault, setFault] = useState<string | undefined>(undefined);
  const known = state?.collections ?? [];
  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = nameFault(name);
    setFault(wrong);
    if (wrong !== undefined) return;
    onName(name.trim());
    onClose();
  };
  return (
    <Modal title={title} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <label class="field">
          Collection
          <input
            type="text"
            value={name}
            list="collections"
            maxLength={100}
            autoComplete="off"
            spellcheck={false}
            placeholder="A new name, or an existing one"
            aria-invalid={fault !== undefined}
            aria-describedby="name-fault"
            autofocus
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <datalist id="collections">
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <p id="name-fault" class="fault" role="alert">
          {fault}
        </p>
        <p class="quiet">
          {known.includes(name.trim())
            ? 'Calls are added to its contents.'
            : `A new file in ${state?.folder ?? 'the folder'}.`}
        </p>
        <footer>
          <Button label="Cancel" onPress={onClose} />
          <button type="submit" class="button primary">
            {action}
          </button>
        </footer>
      </form>
    </Modal>
  );
}
