import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { bindLightly } from '../../src/session/light-bind.ts';

test('a bound function runs in its context with its own this, and has no deprecated property', () => {
  bindLightly();
  const storage = new AsyncLocalStorage<string>();
  const resource = storage.run('kept', () => new AsyncResource('test'));
  function report(this: unknown, ...args: unknown[]) {
    return [storage.getStore(), this, ...args];
  }
  const bound = storage.run('other', () => resource.bind(report));
  expect(bound.call('own', 1, 2)).toEqual(['kept', 'own', 1, 2]);
  expect(bound).not.toHaveProperty('asyncResource');
});
