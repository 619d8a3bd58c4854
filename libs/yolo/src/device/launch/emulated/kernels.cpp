// The GPU kernels on the processor, for tests on machines without a GPU: the same sources,
// compiled as C++, their blocks one after another.

#include "../../kernels/kernels.cu"

#include <barrier>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// Threads of a block whose threads wait for each other.
constexpr unsigned int TOGETHER = 5;
// Shared memory of a block, in words: as much as every GPU has.
constexpr size_t SHARED = 48 * 1024 / sizeof(uint);

uint gone[SHARED];

static std::barrier<> *together = nullptr;

void __syncthreads() { together->arrive_and_wait(); }

template <typename... Arguments, size_t... Places>
static void call(void (*kernel)(Arguments...), void **arguments, std::index_sequence<Places...>) {
    kernel(*static_cast<Arguments *>(arguments[Places])...);
}

template <typename... Arguments>
static void call(void (*kernel)(Arguments...), void **arguments) {
    call(kernel, arguments, std::index_sequence_for<Arguments...>());
}

#define KERNEL(NAME) if (name == #NAME) return call(NAME, arguments);
#define KERNELS(NAME) KERNEL(NAME##_f32) KERNEL(NAME##_f16) KERNEL(NAME##_bf16)

static void call(std::string_view name, void **arguments) {
    KERNELS(finish)
    KERNELS(unfold)
    KERNELS(depthwise)
    KERNELS(widest)
    KERNELS(decode)
    KERNELS(fit)
    KERNEL(choose)
    KERNEL(rank)
    KERNEL(suppress)
    KERNEL(outline)
    std::abort();
}

// A launch: blocks in x, y and z, threads and bytes of shared memory of a block.
extern "C" void launch(const char *name, const uint *blocks, uint threads, uint shared, void **arguments) {
    if (shared > sizeof gone) std::abort();
    const Index grid = {blocks[0], blocks[1], blocks[2]};
    for (size_t nth = 0; nth < (size_t)grid.x * grid.y * grid.z; ++nth) {
        const Index block = {(uint)(nth % grid.x), (uint)(nth / grid.x % grid.y), (uint)(nth / grid.x / grid.y)};
        const auto run = [=](uint thread, uint count) {
            gridDim = grid;
            blockIdx = block;
            blockDim = {count, 1, 1};
            threadIdx = {thread, 0, 0};
            call(name, arguments);
        };
        if (shared == 0) {
            for (uint thread = 0; thread < threads; ++thread) run(thread, threads);
            continue;
        }
        std::barrier<> barrier(TOGETHER);
        together = &barrier;
        std::vector<std::jthread> team;
        for (uint thread = 0; thread < TOGETHER; ++thread) team.emplace_back(run, thread, TOGETHER);
    }
}
