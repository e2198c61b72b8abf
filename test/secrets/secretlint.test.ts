import { describe, expect, test } from 'vitest';
import type { Recording } from '../../src/exchange.ts';
import { exporters, formats } from '../../src/exporters/index.ts';
import { startRecording } from '../../src/index.ts';
import { echoOf, planted, plants } from '../helpers/canaries.ts';
import { plantedDocuments } from '../helpers/document-canaries.ts';
import { convert, convertToFolder, stored } from '../helpers/documents.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { filesBelow } from '../helpers/leaks.ts';
import { linted, secretsFoundIn } from '../helpers/linted-secrets.ts';
import { startShop } from '../helpers/shop.ts';
import { visitShop } from '../helpers/shop-visit.ts';

type Mode = 'redact' | 'keep';
const ids = Object.keys(exporters) as (keyof typeof exporters)[];
const values = Object.values(linted).flat();

const json = [['Content-Type', 'application/json']] as const;
/** Every secret in a header, the query, bodies of several kinds, and answers. */
const lintedRecording = () =>
  recordingOf(
    values.flatMap((value, n) => {
      const url = `https://api.test/${n}`;
      const oneLine = value.replaceAll('\n', ' ');
      return [
        exchange({ url, headers: [['X-Note', `see ${oneLine}`]], response: { body: value } }),
        exchange({ url: `${url}?q=${encodeURIComponent(value)}` }),
        exchange({
          url,
          method: 'POST',
          headers: [...json],
          body: JSON.stringify({ note: value, list: [value] }),
          response: { headers: [...json], body: JSON.stringify({ text: `a ${value} b` }) },
        }),
        exchange({ url, method: 'PUT', headers: [['Content-Type', 'text/plain']], body: value }),
      ];
    }),
  );

const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
/** The same in every place of a document. */
const lintedCollection = () => ({
  info: { name: 'Linted', schema, description: values.join('\n\n') },
  variable: values.map((value, n) => ({ key: `plain_${n}`, value })),
  item: values.map((value, n) => ({
    name: `item ${n}`,
    event: [{ listen: 'test', script: { exec: [`const note = ${JSON.stringify(value)};`] } }],
    request: {
      method: 'POST',
      description: `Use ${value} here.`,
      header: [{ key: 'X-Note', value: value.replaceAll('\n', ' '), description: value }],
      url: `https://api.test/${n}?q=${encodeURIComponent(value)}`,
      body: {
        mode: 'formdata',
        formdata: [
          { key: 'note', value, type: 'text', description: value },
          { key: 'file', type: 'file', src: `/home/ada/${value.replaceAll(/[/\n]/g, '-')}.txt` },
        ],
      },
    },
    response: [{ name: value.split('\n')[0], status: 'OK', code: 200, body: value }],
  })),
});

async function shopRecording(): Promise<Recording> {
  const shop = await startShop();
  const recording = await startRecording({ home: await newFolder(), via: 'none' });
  await visitShop({ port: Number(new URL(recording.url).port) }, shop.url);
  return recording.stop();
}

const canaries = () => {
  const places = Object.keys(plants).map(planted);
  const all = places.flatMap(({ canaries: list }) => list.map(({ value }) => value));
  return recordingOf([echoOf(all), ...places.flatMap(({ exchanges }) => exchanges)]);
};

/** What is written of a recording in every format, by what it is. */
async function* writtenOf(recording: Recording, secrets: Mode): AsyncGenerator<[string, string]> {
  const options = { name: 'linted', secrets, tests: true, dedupe: false };
  for (const [id, format] of Object.entries(formats)) {
    let text = '';
    if ('render' in format)
      for await (const chunk of format.render(recording, options)) text += Buffer.from(chunk);
    else
      for await (const { path, chunks } of format.renderFiles(recording, options)) {
        text += `${path}\n`;
        for await (const chunk of chunks) text += Buffer.from(chunk);
      }
    yield [id, text];
  }
}

async function* writtenOfDocument(
  collection: object,
  secrets: Mode,
): AsyncGenerator<[string, string]> {
  const path = await stored(JSON.stringify(collection));
  for (const id of ids) yield [id, (await convert(path, id, { secrets })).text];
  const { folder } = await convertToFolder(path, { secrets });
  for (const [file, text] of await filesBelow(folder)) yield [`postman-v3 ${file}`, text];
}

async function found(written: AsyncIterable<[string, string]>): Promise<string[]> {
  const all = new Set<string>();
  for await (const [what, text] of written)
    for (const one of await secretsFoundIn(text, what)) all.add(`${what}: ${one}`);
  return [...all];
}

test('the rules know every secret that is planted', async () => {
  const kinds = await Promise.all(
    Object.entries(linted).flatMap(([rule, list]) =>
      list.map(
        async (value) => [rule, (await secretsFoundIn(value, 'x.json')).join(), value] as const,
      ),
    ),
  );
  expect(kinds.filter(([rule, said]) => !said.includes(`${rule}: `))).toEqual([]);
});

describe('secretlint finds nothing in any format', () => {
  const recordings: Readonly<Record<string, () => Recording | Promise<Recording>>> = {
    'the hard recording': hardRecording,
    'a visit to the shop': shopRecording,
    'the canaries': canaries,
    'a secret for each of its rules': lintedRecording,
  };
  test.each(Object.keys(recordings))('of %s', { timeout: 240_000 }, async (name) => {
    const recording = (await recordings[name]?.()) ?? recordingOf([]);
    expect(await found(writtenOf(recording, 'redact'))).toEqual([]);
  });

  test.each([
    ['the canaries in a collection', () => plantedDocuments().collection],
    ['a collection with a secret for each of its rules', lintedCollection],
  ])('of %s', { timeout: 240_000 }, async (_, collection) => {
    expect(await found(writtenOfDocument(collection(), 'redact'))).toEqual([]);
  });
});

test('without redaction it finds the planted secrets in every format', {
  timeout: 240_000,
}, async () => {
  const rules = (list: readonly string[]) =>
    new Set(list.map((one) => one.split(': ').slice(0, 2).join(': ')));
  const recorded = rules(await found(writtenOf(lintedRecording(), 'keep')));
  const documents = rules(await found(writtenOfDocument(lintedCollection(), 'keep')));
  for (const id of ids) {
    expect(recorded).toContain(`${id}: github`);
    expect(documents).toContain(`${id}: github`);
  }
});
