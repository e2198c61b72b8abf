import { expect, test } from 'vitest';
import { InFlight } from '../src/in-flight.ts';
import { fc } from './helpers/properties.ts';

const step = fc.record({ action: fc.constantFrom('add', 'delete' as const), which: fc.nat(20) });

test('a roster has the same members as a set after any changes', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const roster = new InFlight<{ slot: number }>();
      const model = new Set<{ slot: number }>();
      const members: { slot: number }[] = [];
      for (const { action, which } of steps) {
        if (action === 'add') {
          const member = { slot: -1 };
          members.push(member);
          roster.add(member);
          model.add(member);
        } else {
          const member = members[which] ?? { slot: which };
          roster.delete(member);
          model.delete(member);
        }
        expect(new Set(roster.list())).toEqual(model);
        expect(roster.size).toBe(model.size);
      }
    }),
  );
});

test('members may leave while the roster is iterated', () => {
  const roster = new InFlight<{ slot: number }>();
  for (let n = 0; n < 3; n += 1) roster.add({ slot: -1 });
  for (const member of roster.list()) roster.delete(member);
  expect(roster.size).toBe(0);
});
