import type { Exchange } from '../../src/exchange.ts';
import { exporters } from '../../src/exporters/index.ts';
import { recordingOf } from './exchanges.ts';

/** Whether a collection of this exchange names a file for a part of the body; no importer reads such a file. */
export async function namesFile(one: Exchange): Promise<boolean> {
  let files = 0;
  const attach = async (name: string) => {
    files += 1;
    return name;
  };
  const options = { name: 'c', secrets: 'keep', attach } as const;
  for await (const _ of exporters.postman.render(recordingOf([one]), options));
  return files > 0;
}
