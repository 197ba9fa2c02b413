/*
 * PURPOSE: names of C++: templates, overloads, operators, constructors and destructors, an anonymous namespace, ABI
 * tags; and two functions whose names are written as rustc writes them.
 * TRACE: ns::Parser::parse ns::over ns::box::box ns::box::~box ns::box::operator[] ns::operator<<
 * ns::box::operator() ns::tagged ns::hidden rusty::deep::legacy rusty::deep::modern
 * ARGUMENTS: [CALLS] = 3
 */
#include "truth.h"

namespace ns
{

static long calls_of_hidden;

template <class T> struct Parser {
	TRACED T parse(T value);
};

template <class T> T Parser<T>::parse(T value)
{
	return static_cast<T>(hide(static_cast<long>(value)) + 1);
}

TRACED long over(int value)
{
	return hide(value) + 10;
}

TRACED long over(long value)
{
	return hide(value) + 20;
}

struct box {
	long value;
	TRACED explicit box(long start);
	TRACED ~box();
	TRACED long operator[](long index) const;
	TRACED long operator()(long factor) const;
};

static long boxes;

box::box(long start) : value(start)
{
	boxes++;
	hide(0);
}

box::~box()
{
	boxes--;
	hide(0);
}

long box::operator[](long index) const
{
	return hide(value) + index;
}

long box::operator()(long factor) const
{
	return hide(value) * factor;
}

TRACED long operator<<(const box &left, long right)
{
	return hide(left.value) << right;
}

TRACED __attribute__((abi_tag("v2"))) long tagged(long value)
{
	return hide(value) + 5;
}

namespace
{

TRACED long hidden(long value)
{
	calls_of_hidden++;
	return hide(value) + 6;
}

} // namespace
} // namespace ns

extern "C" {

TRACED long rusty_legacy(long value) __asm__("_ZN5rusty4deep6legacy17h0123456789abcdefE");
TRACED long rusty_modern(long value) __asm__("_RNvNtCs1234_5rusty4deep6modern");

long rusty_legacy(long value)
{
	return hide(value) + 7;
}

long rusty_modern(long value)
{
	return hide(value) + 8;
}
}

static void play()
{
	ns::Parser<int> ints;
	ns::Parser<long> longs;
	ns::box box(2);

	require(ints.parse(1) == 2, "Parser<int>::parse");
	require(longs.parse(2) == 3 && longs.parse(3) == 4, "Parser<long>::parse");
	require(ns::over(1) == 11, "over(int)");
	require(ns::over(1L) == 21, "over(long)");
	require(box[3] == 5, "operator[]");
	require(box(3) == 6, "operator()");
	require((box << 3) == 16, "operator<<");
	require(ns::tagged(1) == 6, "tagged");
	require(ns::hidden(1) == 7, "hidden");
	require(rusty_legacy(1) == 8, "legacy");
	require(rusty_modern(1) == 9, "modern");
}

int main(int argc, char **argv)
{
	static const char *const once[] = {
		"ns::Parser<int>::parse", "ns::over(int)",      "ns::over(long)",      "ns::box::box",
		"ns::box::~box",          "ns::box::operator[]", "ns::box::operator()", "ns::operator<<",
		"ns::tagged[abi:v2]",     "rusty::deep::legacy", "rusty::deep::modern",
	};
	const long calls = argument(argc, argv, 1, 0, 3);

	for (long round = 0; round < calls; round++)
		play();
	require(ns::boxes == 0 && ns::calls_of_hidden == calls, "counts");
	for (const char *name : once)
		truth_calls(name, calls);
	truth_calls("ns::Parser<long>::parse", 2 * calls);
	truth_exit(0);
	return 0;
}
