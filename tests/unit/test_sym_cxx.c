/*
 * sym: comparing and demangling names, those of C++ above all.
 */
#include "test_sym.h"

#include "../../src/sym/cxxname.h"
#include "../../src/sym/demangle.h"

/* ---- comparing --------------------------------------------------------- */

static bool means(const char *wanted, const char *name)
{
	char *one = cxx_name_canonical(wanted), *other = cxx_name_canonical(name);
	const bool result = cxx_name_matches(one, other);

	free(one);
	free(other);
	return result;
}

/* What is written, and what the demangler makes of it. */
static const struct {
	const char *wanted, *name;
} same[] = {
	{"ns::f", "ns::f"},
	{"::f", "f"},
	{" ns :: f ( int , char ) ", "ns::f(int, char)"},
	{"f(void)", "f()"},
	{"f(const char *)", "f(char const*)"},
	{"f(const char *const *)", "f(char const* const*)"},
	{"f(const ns::Box<int> &)", "f(ns::Box<int> const&)"},
	{"f(const volatile Box)", "f(Box const volatile)"},
	{"f(unsigned)", "f(unsigned int)"},
	{"f(long int, unsigned long int, short int)", "f(long, unsigned long, short)"},
	{"f(long long unsigned int)", "f(unsigned long long)"},
	{"f(signed char, unsigned char)", "f(signed char, unsigned char)"},
	{"f(long double)", "f(long double)"},
	{"f(const unsigned)", "f(unsigned int const)"},
	{"f(void (*)(const char *))", "f(void (*)(char const*))"},
	{"f(int (&)[3])", "f(int (&) [3])"},
	{"f(std::vector<int>)", "f(std::vector<int, std::allocator<int> >)"},
	{"f(std::map<int, char>)",
	 "f(std::map<int, char, std::less<int>, std::allocator<std::pair<int const, char> > >)"},
	{"f(std::vector<std::vector<int>>)",
	 "f(std::vector<std::vector<int, std::allocator<int> >, std::allocator<std::vector<int, "
	 "std::allocator<int> > > >)"},
	{"ns::Parser::parse", "ns::Parser<int>::parse"},
	{"ns::Parser<int>::id", "ns::Parser<int>::id<char>"},
	{"ns::Parser::id(int)", "ns::Parser<int>::id<char>(int)"},
	{"Tree<Node<int>>::grow", "Tree<Node<int> >::grow"},
	{"A<(B)2>::f", "A<(B)2>::f"},
	{"A::f", "A<((4)>(8))>::f"},
	{"A::f", "A<&(B::operator>(int))>::f"},
	{"tagged", "tagged[abi:cxx11]"},
	{"tagged[abi:cxx11]", "tagged[abi:cxx11]"},
	{"ns::f", "ns::(anonymous namespace)::f"},
	{"ns::(anonymous namespace)::f", "ns::(anonymous namespace)::f"},
	{"f", "(anonymous namespace)::f"},
	{"std::basic_string::append", "std::__cxx11::basic_string<char, std::char_traits<char> >::append"},
	{"std::vector::push_back", "std::__1::vector<int, std::__1::allocator<int> >::push_back"},
	{"A::f(int)", "A::f(int) const"},
	{"A::f(int) const", "A::f(int) const"},
	{"A::f()", "A::f() &&"},
	{"operator new", "operator new"},
	{"operator new(unsigned long)", "operator new(unsigned long)"},
	{"operator delete []", "operator delete[]"},
	{"operator<<", "operator<< <int>"},
	{"operator <<", "operator<< <int>"},
	{"operator<", "operator< <int>"},
	{"operator<< <int>", "operator<< <int>"},
	{"operator<<(std::ostream &, X)", "operator<<(std::ostream&, X)"},
	{"operator<(A<int>, int)", "operator< <int>(A<int>, int)"},
	{"A::operator()", "A::operator()"},
	{"A::operator()(int)", "A::operator()(int) const"},
	{"A::operator->", "A<int>::operator->"},
	{"A::operator<=>", "A::operator<=>"},
	{"A::operator const char *", "A::operator char const*"},
	{"A::operator unsigned", "A::operator unsigned int"},
	{"A::operator bool() const", "A::operator bool() const"},
	{"A::~A", "A<int>::~A"},
	{"f()::{lambda(int)#1}::operator()", "f()::{lambda(int)#1}::operator()"},
	{"core::ptr::drop_in_place", "core::ptr::drop_in_place::<u8>"},
	{"core::ptr::drop_in_place::<u8>", "core::ptr::drop_in_place::<u8>"},
	{"alloc::vec::Vec::push", "alloc::vec::Vec<T>::push"},
	{"<A as B>::f", "<A as B>::f"},
	{"r::geo::Shape::grow", "<r::geo::Shape<i64>>::grow"},
	{"r::geo::Shape<i64>::grow", "<r::geo::Shape<i64>>::grow"},
	{"<r::geo::Shape>::grow", "<r::geo::Shape<i64>>::grow"},
};

static const struct {
	const char *wanted, *name;
} different[] = {
	{"f", "ns::f"},
	{"f", "ff"},
	{"ff", "f"},
	{"", "f"},
	{"f(int)", "f"},
	{"f(int)", "f(long)"},
	{"f(int)", "f(int, int)"},
	{"f()", "f(int)"},
	{"f(char *)", "f(char const*)"},
	{"f(unsigned)", "f(int)"},
	{"f(char)", "f(signed char)"},
	{"f(std::vector<int>)", "f(std::vector<long, std::allocator<long> >)"},
	{"f(Tree<int>)", "f(Tree<int, char>)"},
	{"Parser<int>::parse", "Parser<long>::parse"},
	{"Parser<int>::parse", "Parser::parse"},
	{"ns::Parser", "ns::Parser::parse"},
	{"A::f(int) const", "A::f(int)"},
	{"operator<", "operator<<"},
	{"operator<<", "operator<"},
	{"operator new", "operator new[]"},
	{"operator()", "A::operator()"},
	{"tagged[abi:v1]", "tagged[abi:v2]"},
	{"f", "<A as B>::f"},
	{"A::f", "<A as B>::f"},
	{"B::f", "<A as B>::f"},
	{"A", "A::~A"},
	{"unsigned int", "unsignedint"},
};

static void test_comparing(void **state)
{
	(void)state;
	for (size_t at = 0; at < sizeof(same) / sizeof(same[0]); at++)
		if (!means(same[at].wanted, same[at].name))
			fail_msg("'%s' should mean %s", same[at].wanted, same[at].name);
	for (size_t at = 0; at < sizeof(different) / sizeof(different[0]); at++)
		if (means(different[at].wanted, different[at].name))
			fail_msg("'%s' should not mean %s", different[at].wanted, different[at].name);
}

/* Whatever stands in a file or on the command line, it comes to an end. */
static void test_any_text(void **state)
{
	static const char alphabet[] = "<>()[]:,*&~ -{}#a1operator()constvoid\"";
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[40] = "", *canonical, *form;
		const size_t length = round % (sizeof(text) - 1);

		for (size_t at = 0; at < length; at++) {
			seed = seed * 1103515245 + 12345;
			text[at] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		canonical = cxx_name_canonical(text);
		if (!cxx_name_matches(canonical, canonical))
			fail_msg("'%s' does not mean itself", text);
		free(canonical);
		form = cxx_name_strip(text);
		free(form);
		form = cxx_name_without_parameters(text);
		free(form);
	}
}

/* ---- demangling -------------------------------------------------------- */

static void assert_demangled(const char *name, enum sym_demangled form, const char *expected)
{
	char *demangled = sym_demangle(name, strlen(name), form);

	assert_string_equal(demangled ? demangled : "-", expected);
	free(demangled);
}

static void test_demangling(void **state)
{
	(void)state;
	assert_demangled("_ZN2ns2idIiEET_S1_", SYM_DEMANGLED_NAME, "ns::id<int>");
	assert_demangled("_ZN2ns2idIiEET_S1_", SYM_DEMANGLED_SIGNATURE, "ns::id<int>(int)");
	assert_demangled("_ZN2ns2idIiEET_S1_", SYM_DEMANGLED_FULL, "int ns::id<int>(int)");
	assert_demangled("_ZN4core3fmt5write17h0123456789abcdefE", SYM_DEMANGLED_NAME, "core::fmt::write");
	assert_demangled("_RNvNtCs1234_4core3fmt5write", SYM_DEMANGLED_NAME, "core::fmt::write");
	assert_demangled("_D3foo3barFiZv", SYM_DEMANGLED_NAME, "foo.bar");
	assert_demangled("_D3foo3barFiZv", SYM_DEMANGLED_FULL, "foo.bar(int)");
	assert_demangled("main", SYM_DEMANGLED_NAME, "-");
	assert_demangled("_Zzz", SYM_DEMANGLED_NAME, "-");
	assert_demangled("_", SYM_DEMANGLED_NAME, "-");
	assert_string_equal(sym_structor_kind("_ZN1AD0Ev", 9), "deleting");
	assert_string_equal(sym_structor_kind("_ZN1AC2Ev", 9), "base");
	assert_null(sym_structor_kind("_ZN1A1fEv", 9));
}

/* Each type is a pair of the one before, so that the text doubles with every few bytes. */
static char *doubling_name(size_t times)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct text name = {0};

	text_puts(&name, "_Z1f1PIiiE");
	for (size_t at = 0; at < times; at++)
		text_printf(&name, "S_IS%c_S%c_E", digits[at], digits[at]);
	return name.data;
}

static void test_hostile_names(void **state)
{
	char *longest = mem_alloc(1 << 20), *name;

	(void)state;
	alarm(60);
	memset(longest, 'P', (1 << 20) - 1);
	memcpy(longest, "_Z1f", 4);
	for (size_t length = 1 << 6; length < 1 << 20; length *= 2) {
		name = mem_strndup(longest, length);
		free(sym_demangle(name, length, SYM_DEMANGLED_FULL));
		free(name);
	}
	memset(longest + 2, 'N', 4000);
	free(sym_demangle(longest, 4000, SYM_DEMANGLED_FULL));
	memset(longest + 2, 'I', 4000);
	free(sym_demangle(longest, 4000, SYM_DEMANGLED_FULL));
	for (size_t times = 1; times < 36; times++) {
		char *demangled;

		name = doubling_name(times);
		demangled = sym_demangle(name, strlen(name), SYM_DEMANGLED_FULL);
		assert_true(times < 10 ? demangled != NULL : times < 20 || !demangled);
		free(demangled);
		free(name);
	}
	alarm(0);
	free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparing),
		cmocka_unit_test(test_any_text),
		cmocka_unit_test(test_demangling),
		cmocka_unit_test(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
