import { useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { CloseIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';

/** The notices that are shown. */
export function NoticeList() {
  const { notices } = useApp();
  const shown = useObservable(notices.shown);
  return (
    <div class="notices" aria-live="polite">
      {shown.map(({ id, text, failed }) => (
        <div
          key={id}
          class={`notice ${failed ? 'failed' : ''}`}
          role={failed ? 'alert' : undefined}
        >
          <p>{text}</p>
          <Button
            label="Dismiss"
            icon={<CloseIcon />}
            iconOnly
            onPress={() => notices.dismiss(id)}
          />
        </div>
      ))}
    </div>
  );
}
