import { type Ecosystem, withFolder } from './ecosystem.ts';

/** Python: a `sitecustomize` of ours, ahead of others, for Python loads the first that it finds, and ours loads the next. */
export const python: Ecosystem = {
  variables: (ambient, { preloadFolder }, separator) => ({
    PYTHONPATH: withFolder(ambient['PYTHONPATH'], `${preloadFolder}/python`, separator),
  }),
};
