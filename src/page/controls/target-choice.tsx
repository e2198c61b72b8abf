import { useApp } from '../app.ts';
import { useObservable } from '../parts/use-observable.ts';

const NEW = ' new';
const HISTORY = '';

/** Chooses the collection that new calls are added to. */
export function TargetChoice() {
  const app = useApp();
  const client = useObservable(app.client);
  const target = client?.target ?? HISTORY;
  const names = new Set(client?.collections ?? []);
  // The file of a new collection is created with its first call.
  if (target !== HISTORY) names.add(target);
  const choose = (element: HTMLSelectElement) => {
    const { value } = element;
    element.value = target;
    if (value === NEW) app.dialog.set({ kind: 'target' });
    else app.command({ type: 'target', ...(value !== HISTORY && { collection: value }) });
  };
  const where = client === undefined ? '' : ` in ${client.folder}`;
  return (
    <label
      class={`target-choice ${target === HISTORY ? '' : 'chosen'}`}
      title={`Calls are added as they arrive to this collection${where}`}
    >
      <span>Target</span>
      <select value={target} onChange={({ currentTarget }) => choose(currentTarget)}>
        <option value={HISTORY}>History only</option>
        {names.size > 0 && (
          <optgroup label="Collections">
            {[...names].toSorted().map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </optgroup>
        )}
        <option value={NEW}>New collection…</option>
      </select>
    </label>
  );
}
