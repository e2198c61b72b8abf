import type { Ecosystem } from './ecosystem.ts';

/** Perl: LWP::UserAgent reads the usual variables on request; HTTP::Tiny and LWP::Simple always do. */
export const perl: Ecosystem = {
  variables: () => ({ PERL_LWP_ENV_PROXY: '1' }),
};
