type Props = {
  readonly label: string;
  /** What it does, in a sentence. */
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
};

/** A switch with its name and an explanation. */
export function Switch({ label, hint, checked, onChange }: Props) {
  return (
    <label class="switch">
      <span>
        <span class="name">{label}</span>
        {hint && <span class="hint">{hint}</span>}
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        aria-label={label}
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    </label>
  );
}
