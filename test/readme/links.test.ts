import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { documents, root } from '../helpers/documentation.ts';

test('the README is shorter than 7 kB', async () => {
  expect((await stat(new URL('README.md', root))).size).toBeLessThan(7000);
});

test.each(await documents())(
  'the links in %s lead to files and headings that exist',
  async (name) => {
    const page = new URL(name, root);
    const links = [...(await proseOf(page)).matchAll(/\]\((?!https?:)([^)]+)\)/g)];
    for (const [, link = ''] of links) {
      const target = new URL(link, page);
      const anchor = target.hash.slice(1);
      target.hash = '';
      expect(existsSync(target), link).toBe(true);
      if (anchor !== '') expect(anchorsOf(await proseOf(target)), link).toContain(anchor);
    }
  },
);

test('the README links to every page of docs', async () => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const pages = (await documents()).filter((name) => name.startsWith('docs/'));
  expect(pages.filter((name) => !readme.includes(`](${name})`))).toEqual([]);
});

async function proseOf(page: URL): Promise<string> {
  return (await readFile(page, 'utf8')).replace(/^```[\s\S]*?^```/gm, '');
}

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
