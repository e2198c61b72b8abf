import type { ComponentChildren } from 'preact';

type Props = {
  /** Its name, also where only the icon is seen. */
  readonly label: string;
  readonly icon?: ComponentChildren;
  /** The label is read out but not seen. */
  readonly iconOnly?: boolean;
  /** More about it, for whoever points at it. */
  readonly title?: string;
  readonly kind?: 'primary' | 'danger' | 'plain';
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly keys?: string;
  readonly class?: string;
  readonly onPress: () => void;
};

/** A button with a name, perhaps an icon, perhaps two states. */
export function Button(props: Props) {
  const { label, icon, iconOnly, kind = 'plain', pressed, keys } = props;
  const title = props.title ?? (iconOnly ? label : undefined);
  return (
    <button
      type="button"
      class={`button ${kind} ${iconOnly ? 'icon-only' : ''} ${props.class ?? ''}`}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      disabled={props.disabled}
      title={keys && title ? `${title} (${keys})` : title}
      onClick={props.onPress}
    >
      {icon}
      <span class="label">{label}</span>
    </button>
  );
}
