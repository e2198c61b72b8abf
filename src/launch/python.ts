import { type Ecosystem, withFolder } from './ecosystem.ts';

/** Python: our `sitecustomize` comes first, because Python loads only the first one; ours loads the next one. */
export const python: Ecosystem = {
  variables: (ambient, { preloadFolder }, separator) => ({
    PYTHONPATH: withFolder(ambient['PYTHONPATH'], `${preloadFolder}/python`, separator),
  }),
};
