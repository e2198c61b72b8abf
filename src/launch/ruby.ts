import { type Ecosystem, withFolder, withWord } from './ecosystem.ts';

/** Ruby: a file that is found through RUBYLIB, because RUBYOPT cannot contain a path with a space. */
export const ruby: Ecosystem = {
  variables: (ambient, { preloadFolder }, separator) => ({
    RUBYLIB: withFolder(ambient['RUBYLIB'], `${preloadFolder}/ruby`, separator),
    RUBYOPT: withWord(ambient['RUBYOPT'], '-rpmproxy_preload'),
  }),
};
