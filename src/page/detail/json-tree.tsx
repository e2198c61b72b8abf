import { useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import { counted, formatCount } from '../parts/format.ts';
import { Text } from '../parts/text.tsx';
import {
  childCount,
  childrenOf,
  isBranch,
  type JsonBranch,
  type JsonValue,
  writtenDigits,
} from './json-model.ts';

/** How many children are drawn at first, and with each further request. */
const PORTION = 100;
/** Branches down to this depth are open at first, unless they are large. */
const OPEN_DEPTH = 2;
const OPEN_CHILDREN = 50;
const LONG_STRING = 1000;

/** JSON as a tree that can be folded. Folded branches are not drawn. */
export function JsonTree({ value }: { readonly value: JsonValue }) {
  return (
    <div class="json">
      <Node name={undefined} value={value} depth={0} />
    </div>
  );
}

type NodeProps = {
  /** Its key or index; undefined at the top. */
  readonly name: string | number | undefined;
  readonly value: JsonValue;
  readonly depth: number;
};

function Node({ name, value, depth }: NodeProps) {
  if (isBranch(value) && childCount(value) > 0) {
    return <Branch name={name} value={value} depth={depth} />;
  }
  return (
    <div class="leaf">
      <Key name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({ name, value, depth }: NodeProps & { readonly value: JsonBranch }) {
  const size = childCount(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH && (depth === 0 || size <= OPEN_CHILDREN));
  const [drawn, setDrawn] = useState(PORTION);
  const [from, to] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const unit = Array.isArray(value) ? 'item' : 'key';
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Key name={name} />
        {open ? (
          <span class="bracket">{from}</span>
        ) : (
          <span class="folded">
            {from}…{to} <small>{counted(size, unit)}</small>
          </span>
        )}
      </summary>
      {open && (
        <div class="children">
          {childrenOf(value, 0, drawn).map((child) => (
            <Node key={child.key} name={child.key} value={child.value} depth={depth + 1} />
          ))}
          {size > drawn && (
            <Button
              class="more"
              label={`${formatCount(Math.min(PORTION * 10, size - drawn))} more of ${formatCount(size)}`}
              onPress={() => setDrawn(drawn + PORTION * 10)}
            />
          )}
        </div>
      )}
      {open && <span class="bracket end">{to}</span>}
    </details>
  );
}

function Key({ name }: { readonly name: string | number | undefined }) {
  if (name === undefined) return null;
  return (
    <span class={typeof name === 'number' ? 'index' : 'key'}>
      <Text value={String(name)} />
      <span class="colon">: </span>
    </span>
  );
}

function Leaf({ value }: { readonly value: JsonValue }) {
  const [all, setAll] = useState(false);
  const digits = writtenDigits(value);
  if (digits !== undefined) return <span class="number">{digits}</span>;
  if (typeof value === 'string') {
    const cut = !all && value.length > LONG_STRING;
    return (
      <span class="string">
        "<Text value={cut ? value.slice(0, LONG_STRING) : value} />
        {cut ? '…' : '"'}
        {cut && (
          <Button
            class="more"
            label={`all ${formatCount(value.length)} characters`}
            onPress={() => setAll(true)}
          />
        )}
      </span>
    );
  }
  if (Array.isArray(value)) return <span class="bracket">[]</span>;
  if (value !== null && typeof value === 'object') return <span class="bracket">{'{}'}</span>;
  return <span class={typeof value === 'number' ? 'number' : 'word'}>{String(value)}</span>;
}
