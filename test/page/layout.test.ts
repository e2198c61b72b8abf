import { expect, test } from 'vitest';
import { type Layout, layoutFor } from '../../src/page/list/layout.ts';

test.each<[number, Layout]>([
  [1280, 'wide'],
  [1000, 'wide'],
  [999, 'medium'],
  [761, 'medium'],
  [760, 'compact'],
  [560, 'compact'],
  [559, 'two-lines'],
])('a list of %i pixels has the layout %s', (width, layout) => {
  expect(layoutFor(width)).toBe(layout);
});
