import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The ways in which a value may stand in a file. */
function formsOf(value: string): string[] {
  const encoded = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  return [
    ...new Set([
      value,
      encoded,
      encoded.replaceAll('%20', '+'),
      encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
      json,
      JSON.stringify(json).slice(1, -1),
      json.replaceAll('/', '\\/'),
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('base64url'),
      // Behind a user's name, as Basic has it: only what the value alone decides.
      ...[1, 2].map((offset) => {
        const moved = Buffer.from(`${'u'.repeat(offset)}${value}`).toString('base64');
        return moved.slice(4, Math.floor(((offset + value.length) * 8) / 6) - 1);
      }),
    ]),
  ].filter((form) => form.length >= 4);
}

/** Which values stand in a text in any of their forms, as `value (as form)`. */
export function leaksIn(text: string, values: readonly string[]): string[] {
  return values.flatMap((value) =>
    formsOf(value)
      .filter((form) => text.includes(form))
      .map((form) => `${value} (as ${form}): …${around(text, form)}…`),
  );
}

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 60), at + form.length + 20);
}

/** All files below a folder, by path, byte for byte as Latin-1 and as UTF-8. */
export async function filesBelow(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path, await readFile(path, 'utf8'));
  }
  return files;
}
