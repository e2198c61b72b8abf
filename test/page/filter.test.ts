import { describe, expect, test } from 'vitest';
import { MEDIA_KINDS } from '../../src/http/media-type.ts';
import {
  compileFilter,
  type Filter,
  isEmpty,
  noFilter,
  spanToggled,
  toggled,
} from '../../src/page/history/filter.ts';
import { parseFilterText } from '../../src/page/history/filter-text.ts';
import { asksForAll, pushFiltersOf, viewOnlyWords } from '../../src/page/history/push-filters.ts';
import { CONTENT_KINDS } from '../../src/page/history/traits.ts';
import { readPushFilters } from '../../src/session/client/push-filters.ts';
import { pageCommand, type Row } from '../../src/sync/wire/page-events.ts';
import { row } from './rows.ts';

const shop = 'https://api.shop.test/v1/products?limit=50';
const cart = 'https://api.shop.test/v1/Cart/items';
const logo = 'http://cdn.test:8080/images/logo.png';
const urls = [shop, cart, logo];

function passing(filter: Partial<Filter>, all: readonly Row[]): Row[] {
  return all.filter(compileFilter({ ...noFilter, ...filter }));
}

describe('the filter box', () => {
  test.each([
    ['', urls],
    ['cart', [cart]],
    ['SHOP v1', [shop, cart]],
    ['-shop', [logo]],
    ['shop -cart', [shop]],
    ['/products|logo/', [shop, logo]],
    ['-/products|logo/', [cart]],
    ['/^http:/', [logo]],
    ['/v1/', [shop, cart]],
    ['/v1/cart', [cart]],
    ['"v1/cart/items"', [cart]],
    ['limit=50', [shop]],
    ['.png', [logo]],
    // Still being typed.
    ['-', urls],
    ['shop -', [shop, cart]],
    ['""', urls],
  ])('%j lets through what it says', (text, expected) => {
    const found = passing(
      { text },
      urls.map((url) => row({ url })),
    );
    expect(found.map(({ url }) => url)).toEqual(expected);
  });

  test('names an invalid regular expression, and filters by the rest', () => {
    const { wanted, fault } = parseFilterText('shop /(/');
    expect(fault).toBe('/(/ is not a regular expression');
    expect(wanted).toEqual([/shop/i]);
  });
});

describe('choices', () => {
  const posted = row({ n: 2, method: 'POST', status: 404, kind: 'html' });
  const broken = row({ n: 3, outcome: 'failed', status: 200 });
  const socket = row({ n: 4, messages: 3, kind: '', status: 101 });
  const empty = row({ n: 5, kind: '', status: 204, startedAt: 5000 });
  const marked = row({ n: 6, method: 'PUT', marks: ['answered', 'differs'] });
  const all = [row(), posted, broken, socket, empty, marked];

  test.each<[string, Partial<Filter>, Row[]]>([
    ['methods', { methods: new Set(['POST', 'PATCH']) }, [posted]],
    ['the class of the status', { results: new Set(['2xx']) }, [row(), empty, marked]],
    ['a broken answer, whatever its status', { results: new Set(['failed']) }, [broken]],
    ['kinds', { kinds: new Set(['html', 'socket']) }, [posted, socket]],
    ['no body', { kinds: new Set(['none']) }, [empty]],
    ['a span of time without its end', { span: { from: 4000, to: 5001 } }, [empty]],
    ['how they compare with a recording', { marks: new Set(['missed', 'differs']) }, [marked]],
    ['all of it at once', { methods: new Set(['GET']), results: new Set(['1xx']) }, [socket]],
  ])('filter by %s', (_, filter, expected) => {
    expect(passing(filter, all)).toEqual(expected);
  });

  test('filter by host and port, in any case', () => {
    const rows = ['https://A.test/x', 'https://a.test:8443/', 'https://b.test'];
    const found = passing(
      { hosts: new Set(['a.test', 'b.test']) },
      rows.map((url) => row({ url })),
    );
    expect(found.map(({ url }) => url)).toEqual(['https://A.test/x', 'https://b.test']);
  });

  test('can be turned on and off', () => {
    const on = toggled(noFilter, 'methods', 'GET');
    expect(isEmpty(on)).toBe(false);
    expect(toggled(on, 'methods', 'GET')).toEqual(noFilter);
    const span = spanToggled(noFilter, 1, 2);
    expect(span.span).toEqual({ from: 1, to: 2 });
    expect(isEmpty(spanToggled(span, 1, 2))).toBe(true);
  });
});

describe('the filters of proxies', () => {
  test.each<[string, Partial<Filter>]>([
    ['a word', { text: 'shop' }],
    ['several words, all of which must be there', { text: 'v1 cart' }],
    ['words that must not be there', { text: 'shop -cart -logo' }],
    ['a regular expression with slashes', { text: '/v1\\/(cart|x)/ shop' }],
    ['signs with a meaning in regular expressions', { text: '?limit=50' }],
    ['hosts', { hosts: new Set(['cdn.test:8080', 'other.test']) }],
    ['hosts and words', { hosts: new Set(['api.shop.test']), text: '-cart v1' }],
  ])('by %s means the same URLs there as in the page', (_, parts) => {
    const filter = { ...noFilter, ...parts };
    const asked = pushFiltersOf(filter);
    expect(pageCommand.safeParse({ type: 'filters', ...asked }).success).toBe(true);
    const { url, notUrl } = readPushFilters(asked);
    const pushed = urls.filter(
      (one) => (url.length === 0 || url.some((is) => is(one))) && !notUrl.some((is) => is(one)),
    );
    const shown = urls.filter((one) => compileFilter(filter)(row({ url: one })));
    expect(pushed).toEqual(shown);
    expect(pushed.length).toBeLessThan(urls.length);
  });

  test('are methods, statuses and kinds in the syntax of the options', () => {
    const filter: Filter = {
      ...noFilter,
      methods: new Set(['POST']),
      results: new Set(['4xx', 'failed']),
      kinds: new Set(['json', 'socket', 'none']),
      marks: new Set(['missed']),
      span: { from: 0, to: 1 },
    };
    const asked = pushFiltersOf(filter);
    expect(asked).toEqual({ methods: ['POST'], status: ['4xx'], kinds: ['json'] });
    expect(readPushFilters(asked)).toMatchObject({ methods: ['POST'], type: ['json'] });
    expect(viewOnlyWords(filter)).toEqual([
      'failed calls',
      'WebSockets',
      'calls without a body',
      'the comparison with a recording',
      'a span of time',
    ]);
  });

  // The page may import nothing but types from elsewhere.
  test('can be every kind of content', () => {
    expect(CONTENT_KINDS).toEqual(MEDIA_KINDS);
  });

  test('let everything through without a filter', () => {
    expect(pushFiltersOf(noFilter)).toEqual({});
    expect(asksForAll({})).toBe(true);
    expect(asksForAll({ url: ['/x/i'] })).toBe(false);
  });
});
