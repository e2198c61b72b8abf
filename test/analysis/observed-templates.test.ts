import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { observedTemplates } from '../../src/analysis/endpoints/observed-templates.ts';
import { parameterValues } from '../../src/analysis/endpoints/path-templates.ts';
import { pathTemplate as statedTemplate } from '../../src/options/values.ts';
import { fc } from '../helpers/properties.ts';

/** The templates of these paths, `path | shape`, none twice. */
function templatesOf(...lines: readonly string[]): string[] {
  const observed = lines.map((line) => {
    const [path = '', shape] = line.split(' | ');
    return { path, shape };
  });
  return [...new Set([...observedTemplates(observed).values()].map(({ path }) => path))].sort();
}

describe('words', () => {
  const users = ['ada', 'bob', 'eve'].map((name) => `/users/${name} | user`);

  test('are a parameter when several in one place have similar responses', () => {
    expect(templatesOf(...users)).toEqual(['/users/:userId']);
    expect(templatesOf(...users, '/users/ada/posts | posts')).toContain('/users/:userId/posts');
  });

  test('are not a parameter when there are few of them', () => {
    expect(templatesOf(...users.slice(1))).toEqual(['/users/bob', '/users/eve']);
  });

  test('are not a parameter when their responses differ or are empty', () => {
    expect(templatesOf('/users/a | 1', '/users/b | 2', '/users/c | 3')).toHaveLength(3);
    expect(templatesOf('/users/a', '/users/b', '/users/c')).toHaveLength(3);
    expect(templatesOf(...users, '/users/online | list')).toContain('/users/online');
  });

  test('are not a parameter when they name a part or an action', () => {
    expect(templatesOf(...users, '/users/me | user')).toContain('/users/me');
  });

  test('are not a parameter after a singular, or at the beginning', () => {
    expect(templatesOf('/api/a | x', '/api/b | x', '/api/c | x')).toHaveLength(3);
    expect(templatesOf('/a | x', '/b | x', '/c | x')).toHaveLength(3);
  });
});

test('a parameter in one place has one name', () => {
  expect(templatesOf('/reports/2024-01-31', '/reports/17')).toEqual(['/reports/:reportId']);
  expect(templatesOf('/reports/2024-01-31')).toEqual(['/reports/:date']);
});

test('stated templates win', () => {
  const stated = [statedTemplate.parse('/users/:name')];
  const found = observedTemplates([{ path: '/users/ada' }, { path: '/users/1/posts' }], stated);
  expect(found.get('/users/ada')?.path).toBe('/users/:name');
  expect(found.get('/users/1/posts')?.path).toBe('/users/:userId/posts');
});

test('a template filled in with its values is the path, for every path', () => {
  const segment = fc.oneof(
    fc.string({ maxLength: 6 }).map((text) => text.replaceAll('/', '')),
    fc.constantFrom('users', '42', 'v1', '2024-01-01', 'cus_9s6XKzkNRiz8i3', ''),
  );
  const path = fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join('/')}`);
  fc.assert(
    fc.property(fc.array(path), (paths) => {
      const found = observedTemplates(paths.map((one) => ({ path: one })));
      expect([...found.keys()].sort()).toEqual([...new Set(paths)].sort());
      for (const [one, template] of found) {
        const segments = template.path.split('/');
        for (const { index, value, name } of parameterValues(template, one)) {
          expect(segments[index + 1]).toBe(`:${name}`);
          segments[index + 1] = value;
        }
        expect(segments.join('/')).toBe(one);
      }
    }),
  );
});

test('a path of many thousand segments is processed quickly', { timeout: 120_000 }, () => {
  const deep = `/users${'/1'.repeat(50_000)}`;
  expect(observedTemplates([{ path: deep }]).get(deep)?.parameters).toHaveLength(50_000);
});

type LabelledPath = { path: string; shape?: string | undefined; parameters: Map<number, string> };

/** The sets of labelled paths, see the head of the file. */
async function labelledSets(): Promise<Map<string, LabelledPath[]>> {
  const text = await readFile(
    new URL('../../fixtures/path-templates.txt', import.meta.url),
    'utf8',
  );
  const sets = new Map<string, LabelledPath[]>();
  let current: LabelledPath[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith('== ')) {
      current.push(...labelledPaths(line));
      continue;
    }
    current = [];
    sets.set(line.slice(3), current);
  }
  return sets;
}

function labelledPaths(line: string): LabelledPath[] {
  const [, template = '', values = '', shape] = /^(\S*): ?(.*?)(?: ?\| (.*))?$/.exec(line) ?? [];
  return values.split(', ').map((tuple) => {
    const fill = tuple.split('&');
    const parameters = new Map<number, string>();
    const segments = template
      .split('/')
      .slice(1)
      .map((segment, index) =>
        segment.replace(/\{(.*?)\}/, (_, name: string) => {
          parameters.set(index, name);
          return fill.shift() ?? '';
        }),
      );
    return { path: `/${segments.join('/')}`, shape, parameters };
  });
}

test('most templates of the labelled paths are found, and few are wrong', async () => {
  const sets = await labelledSets();
  const count = { found: 0, wrong: 0, missed: 0, named: 0 };
  const faults: string[] = [];
  for (const [name, paths] of sets) {
    const templates = observedTemplates(paths);
    for (const { path, parameters } of paths) {
      const given = new Map(
        templates.get(path)?.parameters.map((parameter) => [parameter.index, parameter.name]),
      );
      for (const index of new Set([...given.keys(), ...parameters.keys()])) {
        const wanted = parameters.get(index);
        if (wanted === undefined) count.wrong += 1;
        else if (!given.has(index)) count.missed += 1;
        else {
          count.found += 1;
          if (given.get(index) === wanted) count.named += 1;
        }
        if (wanted === undefined || !given.has(index)) faults.push(`${name}: ${path} [${index}]`);
      }
    }
  }
  const precision = count.found / (count.found + count.wrong);
  const recall = count.found / (count.found + count.missed);
  const named = count.named / count.found;
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  process.stdout.write(
    `path templates of ${sets.size} sets: precision ${percent(precision)}, recall ${percent(recall)}, names ${percent(named)}\n`,
  );
  expect(sets.size).toBeGreaterThanOrEqual(100);
  expect(precision, faults.join('\n')).toBeGreaterThan(0.98);
  expect(recall, faults.join('\n')).toBeGreaterThan(0.75);
});
