import { type Ecosystem, withFolder, withWord } from './ecosystem.ts';

/** Ruby: a file that is found through RUBYLIB, for a path with a space cannot be written in RUBYOPT. */
export const ruby: Ecosystem = {
  variables: (ambient, { preloadFolder }, separator) => ({
    RUBYLIB: withFolder(ambient['RUBYLIB'], `${preloadFolder}/ruby`, separator),
    RUBYOPT: withWord(ambient['RUBYOPT'], '-rpmproxy_preload'),
  }),
};
