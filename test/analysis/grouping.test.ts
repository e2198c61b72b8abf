import { describe, expect, test } from 'vitest';
import {
  type Grouped,
  type Grouping,
  groupedOrder,
  groupRequests,
} from '../../src/analysis/naming/grouping.ts';
import { fc } from '../helpers/properties.ts';

/** Folders as `{ name: children }`, requests as the paths that they were given with. */
function grouped(urls: readonly string[], grouping: Grouping = 'auto', inOrder = false): unknown[] {
  const requests = urls.map((url) => {
    const [, host = 'api.test', path = ''] = /^(?:\/\/([^/]*))?(.*)$/.exec(url) ?? [];
    return { host, path };
  });
  const shown = (child: Grouped): unknown =>
    typeof child === 'number' ? urls[child] : { [child.name]: child.children.map(shown) };
  return groupRequests(requests, { grouping, inOrder }).map(shown);
}

test('requests with the same first segment share a folder, in order of appearance', () => {
  expect(grouped(['/users', '/health', '/orders', '/users/:userId', '/orders/:orderId'])).toEqual([
    { users: ['/users', '/users/:userId'] },
    '/health',
    { orders: ['/orders', '/orders/:orderId'] },
  ]);
});

test('a common prefix of all paths makes no folder', () => {
  expect(grouped(['/api/v1/users', '/api/v1/users/:userId', '/api/v1/health'])).toEqual([
    { users: ['/api/v1/users', '/api/v1/users/:userId'] },
    '/api/v1/health',
  ]);
  expect(grouped(['/users', '/users/:userId'])).toEqual(['/users', '/users/:userId']);
});

test('a folder that would contain only a folder is merged with it', () => {
  expect(grouped(['/', '/api/v1/a', '/api/v1/b'])).toEqual([
    '/',
    { 'api/v1': ['/api/v1/a', '/api/v1/b'] },
  ]);
});

test('parameters make no folder, but the segments after them do', () => {
  const orders = ['/users/:userId/orders', '/users/:userId/orders/:orderId'];
  expect(grouped(['/', '/users/:userId', ...orders])).toEqual([
    '/',
    { users: ['/users/:userId', { orders }] },
  ]);
});

describe('several hosts', () => {
  const urls = ['//a.test/x/1', '//b.test/', '//a.test/y', '//a.test/x/2'];

  test('have a folder each, except for a single request', () => {
    expect(grouped(urls)).toEqual([
      { 'a.test': [{ x: ['//a.test/x/1', '//a.test/x/2'] }, '//a.test/y'] },
      '//b.test/',
    ]);
  });

  test('alone decide with --group host', () => {
    expect(grouped(urls, 'host')).toEqual([
      { 'a.test': ['//a.test/x/1', '//a.test/y', '//a.test/x/2'] },
      '//b.test/',
    ]);
  });

  test('do not count with --group path', () => {
    expect(grouped(['//a.test/x', '//b.test/', '//b.test/x'], 'path')).toEqual([
      { x: ['//a.test/x', '//b.test/x'] },
      '//b.test/',
    ]);
  });
});

test('nothing is grouped with --group none', () => {
  expect(grouped(['/users', '//other.test/', '/users'], 'none')).toHaveLength(3);
});

test('only neighbours share a folder when the order matters', () => {
  expect(grouped(['/a/1', '/a/2', '/b', '/a/3', '/a/4', '/a/5'], 'auto', true)).toEqual([
    { a: ['/a/1', '/a/2'] },
    '/b',
    { a: ['/a/3', '/a/4', '/a/5'] },
  ]);
});

const url = fc
  .tuple(
    fc.constantFrom('//a.test', '//b.test', '//c.test'),
    fc.array(fc.constantFrom('a', 'b', 'c', ':id'), { maxLength: 7 }),
  )
  .map(([host, segments]) => `${host}/${segments.join('/')}`);

test('for any requests, each occurs once, no folder has one child, and no folder is deeper than three', () => {
  const groupings = fc.constantFrom<Grouping>('auto', 'host', 'path', 'none');
  fc.assert(
    fc.property(fc.array(url), groupings, fc.boolean(), (urls, grouping, inOrder) => {
      const requests = urls.map((text) => ({ host: text.slice(2, 8), path: text.slice(8) }));
      const result = groupRequests(requests, { grouping, inOrder });
      const order = groupedOrder(result);
      expect(inOrder ? order : order.toSorted((a, b) => a - b)).toEqual([...requests.keys()]);
      expect(depthOf(result)).toBeLessThanOrEqual(3);
      expect(smallestOf(result)).toBeGreaterThan(1);
    }),
  );
});

function depthOf(children: readonly Grouped[]): number {
  return Math.max(
    0,
    ...children.map((child) => (typeof child === 'number' ? 0 : 1 + depthOf(child.children))),
  );
}

function smallestOf(children: readonly Grouped[]): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...children.map((child) =>
      typeof child === 'number'
        ? Number.POSITIVE_INFINITY
        : Math.min(child.children.length, smallestOf(child.children)),
    ),
  );
}
