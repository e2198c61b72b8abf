import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from './button.tsx';
import { CloseIcon } from './icons.tsx';

type Props = {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
};

/** A dialog in front of the page: the browser keeps the focus in it and gives it back. */
export function Modal({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before anything else happens: the next key that is pressed is for the dialog.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  // The browser tells of it later; by then this dialog may be gone, and another one in its place.
  const closed = () => {
    if (dialog.current !== null) onClose();
  };
  return (
    <dialog ref={dialog} class="modal" aria-labelledby="modal-title" onClose={closed}>
      <header>
        <h2 id="modal-title">{title}</h2>
        <Button label="Close" icon={<CloseIcon />} iconOnly onPress={onClose} />
      </header>
      {children}
    </dialog>
  );
}
