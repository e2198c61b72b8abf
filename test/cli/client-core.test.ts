import { describe, expect } from 'vitest';
import { promised, recordPrograms } from '../helpers/client-matrix.ts';
import { corePrograms } from '../helpers/client-table.ts';
import { testPrograms } from '../helpers/clients.ts';

describe('in an environment with another proxy, exclusions and certificates', () => {
  testPrograms(corePrograms)(
    'each client is recorded where the table says so',
    async (programs) => {
      const { recorded, said } = await recordPrograms(programs);
      expect(recorded, said).toEqual(promised(programs));
    },
  );
});
