import type { Ecosystem } from './ecosystem.ts';

/** Perl: LWP::UserAgent reads the usual variables when it is asked to; HTTP::Tiny and LWP::Simple do so anyway. */
export const perl: Ecosystem = {
  variables: () => ({ PERL_LWP_ENV_PROXY: '1' }),
};
