#include "pool.h"

#include <chrono>

namespace ossia {
namespace {

constexpr uint64_t open = 1 << 15;
constexpr uint64_t inside = open - 1;

void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Spins for tens of microseconds (the usual gap between two kernels), then sleeps, until state differs from
// `seen`.
void wait_for_change(const std::atomic<uint64_t>& state, uint64_t seen) {
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + std::chrono::microseconds(50);
    do {
        for (int i = 0; i < 64; i++) {
            if (state.load(std::memory_order_acquire) != seen) return;
            pause();
        }
    } while (clock::now() < deadline);
    state.wait(seen, std::memory_order_acquire);
}

} // namespace

Pool::Pool(int threads) {
    for (int thread = 1; thread < threads; thread++) workers_.emplace_back([this, thread] { work(thread); });
}

Pool::~Pool() {
    stop_ = true;
    state_ += uint64_t(1) << 16;
    state_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void Pool::take_tasks(int thread) {
    for (int64_t task; (task = next_.fetch_add(1, std::memory_order_relaxed)) < tasks_;)
        call_(body_, task, thread);
}

void Pool::start(int64_t tasks, Call call, const void* body) {
    if (tasks <= 1 || workers_.empty()) {
        for (int64_t task = 0; task < tasks; task++) call(body, task, 0);
        return;
    }
    call_ = call;
    body_ = body;
    tasks_ = tasks;
    next_.store(0, std::memory_order_relaxed);
    state_.store(((state_.load(std::memory_order_relaxed) >> 16) + 1) << 16 | open,
                 std::memory_order_release);
    state_.notify_all();
    take_tasks(0);
    uint64_t state = state_.fetch_and(~open, std::memory_order_acq_rel) & ~open;
    while (state & inside) {
        wait_for_change(state_, state);
        state = state_.load(std::memory_order_acquire);
    }
}

void Pool::work(int thread) {
    uint64_t done = 0;
    while (!stop_) {
        uint64_t state = state_.load(std::memory_order_acquire);
        if ((state & open) == 0 || state >> 16 == done) {
            wait_for_change(state_, state);
        } else if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) {
            done = state >> 16;
            take_tasks(thread);
            const uint64_t left = state_.fetch_sub(1, std::memory_order_acq_rel) - 1;
            if ((left & (open | inside)) == 0) state_.notify_all();
        }
    }
}

} // namespace ossia
