import { Modal } from '../parts/modal.tsx';

const KEYS = [
  ['↓ ↑ or j k', 'Next call, previous call'],
  ['Enter', 'Show details'],
  ['Esc', 'Close what is open'],
  ['Space', 'Select; with Shift, all since the last one'],
  ['Home End PgUp PgDn', 'First, last, a page up or down'],
  ['/', 'Go to the filter'],
  ['c', 'Connect or disconnect'],
  ['p', 'Pause or resume the list'],
  ['o', 'Overview'],
  ['?', 'This list'],
] as const;

const FILTERS = [
  ['users', 'The URL contains it'],
  ['-static', 'It does not'],
  ['/v[12]\\/users/', 'It matches the regular expression'],
  ['"two words"', 'It contains both as they are'],
] as const;

/** The keyboard shortcuts, and the syntax of the filter. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal title="Keys and filters" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (key === 'or' ? ' or ' : <kbd key={key}>{key}</kbd>))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>In the filter</h3>
      <dl class="keys">
        {FILTERS.map(([text, what]) => (
          <div key={text}>
            <dt>
              <code>{text}</code>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">Case is ignored. A call must match every term.</p>
    </Modal>
  );
}
