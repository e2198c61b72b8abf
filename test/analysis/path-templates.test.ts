import { expect, test } from 'vitest';
import {
  parameterValues,
  pathTemplate,
  type StatedTemplate,
} from '../../src/analysis/endpoints/path-templates.ts';

test.each([
  ['/users/42', '/users/:userId'],
  ['/users/42/orders/7', '/users/:userId/orders/:orderId'],
  ['/api/v1/categories/3', '/api/v1/categories/:categoryId'],
  ['/boxes/3', '/boxes/:boxId'],
  ['/houses/3', '/houses/:houseId'],
  ['/addresses/3', '/addresses/:addressId'],
  ['/news/3', '/news/:newsId'],
  ['/line-items/3', '/line-items/:lineItemId'],
  ['/API/1024', '/API/:apiId'],
  ['/products/0b1f4d1c-8d52-4a6e-9f0e-2f3a4b5c6d7e', '/products/:productId'],
  ['/products/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/products/:productId'],
  ['/posts/cjld2cjxh0000qzrmn831i7rn', '/posts/:postId'],
  ['/posts/507f1f77bcf86cd799439011', '/posts/:postId'],
  ['/customers/cus_9s6XKzkNRiz8i3', '/customers/:customerId'],
  ['/reports/2024-05-01', '/reports/:date'],
  ['/users/1/2', '/users/:userId/:userId2'],
  ['/v2/7', '/v2/:itemId'],
  ['/users/42/', '/users/:userId/'],
  ['/assets/deadbeefdeadbeef', '/assets/:assetId'],
  ['/statuses/7', '/statuses/:statusId'],
])('the template of %s is %s', (path, template) => {
  expect(pathTemplate(path).path).toBe(template);
});

test.each([
  '',
  '/',
  '/42',
  '/api/v1',
  '/projects/active',
  '/files/my_document_2024',
  '/files/my_document2024',
  '/assets/deadbeef',
  '/releases/1.2.3',
  '/:id/x',
])('%s has no parameter', (path) => {
  expect(pathTemplate(path)).toEqual({ path, parameters: [] });
});

test('a parameter has its value as it was sent, and its kind', () => {
  const path = '/users/42/files/2024-05';
  expect(parameterValues(pathTemplate(path), path)).toEqual([
    { name: 'userId', value: '42', kind: 'a number', index: 1 },
    { name: 'date', value: '2024-05', kind: 'a date', index: 3 },
  ]);
});

test('a stated template takes precedence over the appearance of a path', () => {
  const stated: StatedTemplate[] = [
    ['users', { parameter: 'name' }],
    [{ parameter: 'shop' }, 'items', 'latest'],
  ];
  expect(pathTemplate('/users/ada', stated).path).toBe('/users/:name');
  expect(pathTemplate('/users/42', stated).path).toBe('/users/:name');
  expect(pathTemplate('/lamps/items/latest', stated).path).toBe('/:shop/items/latest');
  expect(pathTemplate('/users/42/orders', stated).path).toBe('/users/:userId/orders');
});
