type Props<T extends string> = {
  readonly label: string;
  /** The values and the words for them. */
  readonly choices: readonly (readonly [value: T, words: string])[];
  readonly chosen: readonly T[];
  readonly onChange: (chosen: readonly T[]) => void;
};

/** A choice of any number of values. None stands for all. */
export function Chips<T extends string>({ label, choices, chosen, onChange }: Props<T>) {
  const toggle = (value: T) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <fieldset class="chips">
      <legend>{label}</legend>
      {choices.map(([value, words]) => (
        <button
          key={value}
          type="button"
          class="chip"
          aria-pressed={chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          {words}
        </button>
      ))}
    </fieldset>
  );
}
