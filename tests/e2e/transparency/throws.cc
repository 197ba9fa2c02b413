/*
 * PURPOSE: exceptions through frames of traced and untraced functions: caught at once, by a caller, rethrown, passed on in an
 * exception_ptr, through destructors, in threads, from constructors, and by forced unwinding of pthread_exit and pthread_cancel.
 * ARGUMENTS: [THROWS] = 10000
 * TRACE: all of it
 */
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#define OWN __attribute__((noinline))

static long destroyed, caught, cleaned;

struct guard {
	OWN ~guard()
	{
		__atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
	}
};

struct refuses {
	guard member;
	OWN explicit refuses(int number)
	{
		if (number % 2)
			throw std::invalid_argument("odd");
	}
};

OWN void leaf(int number)
{
	guard here;

	switch (number % 5) {
	case 0:
		return;
	case 1:
		throw number;
	case 2:
		throw std::runtime_error("two");
	case 3:
		throw std::string("three");
	default:
		std::vector<int>().at(1); /* thrown by libstdc++ */
	}
}

OWN void middle(int number)
{
	guard here;

	leaf(number);
	cleaned++;
}

OWN void rethrows(int number)
{
	try {
		middle(number);
	} catch (const std::runtime_error &) {
		guard here;
		throw;
	} catch (...) {
		std::rethrow_exception(std::current_exception());
	}
}

OWN void nested(int number)
{
	try {
		rethrows(number);
	} catch (...) {
		try {
			middle(number + 1);
		} catch (...) {
			caught++;
		}
		throw;
	}
}

OWN int top(int number)
{
	try {
		nested(number);
		return 0;
	} catch (int value) {
		return value == number ? 1 : 100;
	} catch (const std::runtime_error &) {
		return 2;
	} catch (const std::string &text) {
		return static_cast<int>(text.size());
	} catch (const std::out_of_range &) {
		return 4;
	}
}

OWN long many(int count)
{
	long sum = 0;

	for (int i = 0; i < count; i++) {
		sum = sum * 31 % 1000003 + top(i);
		try {
			refuses object(i);
			sum++;
		} catch (const std::exception &) {
			sum += 2;
		}
	}
	return sum;
}

OWN void leaves(bool exits)
{
	guard here;

	if (exits)
		pthread_exit(nullptr);
	for (;;)
		sleep(1000);
}

static void *thread_main(void *argument)
{
	guard here;

	leaves(argument != nullptr);
	return nullptr;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 10000;
	long sums[2];
	pthread_t thread;

	printf("%ld\n", many(count));
	std::thread one([&] { sums[0] = many(count / 4); }), two([&] { sums[1] = many(count / 4); });
	one.join();
	two.join();
	printf("%ld %ld\n", sums[0], sums[1]);
	for (long i = 0; i < 10; i++) {
		pthread_create(&thread, nullptr, thread_main, reinterpret_cast<void *>(i % 2));
		if (i % 2 == 0)
			pthread_cancel(thread);
		pthread_join(thread, nullptr);
	}
	printf("destroyed %ld\n", destroyed);
	fflush(stdout);
	std::set_terminate([] {
		printf("terminate\n");
		exit(6);
	});
	leaf(1);
}
