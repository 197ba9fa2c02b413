// Four threads decode tiles of different sizes; one of them needs most of the memory.
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using buffer = std::unique_ptr<std::vector<char>>;

static void work(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

__attribute__((noinline)) buffer unpack(int mib)
{
	buffer pixels(new std::vector<char>);
	for (int i = 0; i < mib; i += 2) {
		pixels->resize((i + 2) * (size_t(1) << 20), 1);
		work(4);
	}
	return pixels;
}

__attribute__((noinline)) void decode_tile(int mib)
{
	buffer pixels = unpack(mib);
	work(120);
}

__attribute__((noinline)) void write_index()
{
	std::vector<char> index(6 << 20, 1);
	work(250);
}

int main()
{
	std::vector<std::thread> threads;
	for (int mib : {24, 120, 32, 40}) {
		threads.emplace_back(decode_tile, mib);
		work(60);
	}
	for (auto &thread : threads)
		thread.join();
	write_index();
}
