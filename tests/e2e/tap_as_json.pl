#!/usr/bin/perl
# usage: tap_as_json.pl FILE.tap
# What Perl's own reader of TAP, the one of prove, finds in it.
use strict;
use warnings;
use JSON::PP;
use TAP::Parser;

open my $file, '<:encoding(UTF-8)', $ARGV[0] or die "$ARGV[0]: $!\n";
my $parser = TAP::Parser->new({ tap => do { local $/; <$file> } });
my @points;
while (my $line = $parser->next) {
	if ($line->is_test) {
		push @points, { ok => $line->is_ok ? 1 : 0, description => $line->description, skip => $line->has_skip ? 1 : 0 };
	} elsif ($line->is_yaml) {
		$points[-1]{yaml} = $line->data;
	} elsif ($line->is_unknown) {
		push @points, { unknown => $line->raw };
	}
}
print JSON::PP->new->ascii->encode({ points => \@points, errors => [$parser->parse_errors] }), "\n";
