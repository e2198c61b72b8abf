import type { App } from './app.ts';
import { fetchCurl, fetchHar } from './link/requests.ts';
import { counted } from './parts/format.ts';

/** Copies text to the clipboard. Where that is not allowed, shows the text in a dialog. */
export async function copyText(app: App, text: string, what = 'Copied'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    app.notices.say(what);
  } catch {
    // Without TLS, only pages of this machine may use the clipboard.
    if (copyByCommand(text)) app.notices.say(what);
    else app.dialog.set({ kind: 'copy', text });
  }
}

function copyByCommand(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  const before = document.activeElement;
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

/** Copies the calls to the clipboard as curl commands. */
export async function copyCurl(app: App, rows: readonly number[]): Promise<void> {
  try {
    const script = await fetchCurl([...rows]);
    await copyText(app, script, `${counted(rows.length, 'call')} copied as curl`);
  } catch (error) {
    app.notices.fail(`Not copied: ${reasonOf(error)}`);
  }
}

/** Downloads the calls as a HAR file. */
export async function exportHar(app: App, rows: readonly number[]): Promise<void> {
  try {
    const url = URL.createObjectURL(await fetchHar([...rows]));
    const link = document.createElement('a');
    link.href = url;
    link.download = `pmproxy-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.har`;
    link.click();
    // By then the browser has started the download.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    app.notices.say(`${counted(rows.length, 'call')} exported`);
  } catch (error) {
    app.notices.fail(`Not exported: ${reasonOf(error)}`);
  }
}

/** The message of an error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
