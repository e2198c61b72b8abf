# Asks for /<client> at each URL of URLS with the clients of Perl.
use strict;
use warnings;

my %clients = (
    'lwp' => sub {
        require LWP::UserAgent;
        my $answer = LWP::UserAgent->new->get(shift);
        die $answer->status_line . "\n" unless $answer->is_success;
    },
    'http-tiny' => sub {
        require HTTP::Tiny;
        my $answer = HTTP::Tiny->new( verify_SSL => 1 )->get(shift);
        die "$answer->{status} $answer->{content}\n" unless $answer->{success};
    },
);

for my $name ( split / /, $ENV{CLIENTS} ) {
    for my $base ( split / /, $ENV{URLS} ) {
        eval { $clients{$name}->("$base/$ENV{PREFIX}$name"); 1 } or warn "$ENV{PREFIX}$name $base: $@";
    }
}
