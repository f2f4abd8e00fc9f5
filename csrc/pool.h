// A pool of threads that run one parallel loop at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace ossia {

class Pool {
  public:
    explicit Pool(int threads); // the caller of run() is one of them
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    int threads() const { return int(workers_.size()) + 1; }

    // Calls body(task, thread) for every 0 <= task < tasks, each once, on any thread; returns when all are
    // done. One loop at a time, and body must not throw.
    template <class Body> void run(int64_t tasks, const Body& body) {
        start(
            tasks,
            [](const void* b, int64_t task, int thread) { (*static_cast<const Body*>(b))(task, thread); },
            &body);
    }

  private:
    using Call = void (*)(const void* body, int64_t task, int thread);

    void start(int64_t tasks, Call call, const void* body);
    void work(int thread);
    void take_tasks(int thread);

    Call call_ = nullptr;
    const void* body_ = nullptr;
    int64_t tasks_ = 0;
    alignas(64) std::atomic<int64_t> next_{0};
    // Number of the loop << 16 | open << 15 | workers inside. A worker enters only while the loop is open, so
    // one that wakes up late neither delays the caller nor accesses a finished loop.
    alignas(64) std::atomic<uint64_t> state_{0};
    std::atomic<bool> stop_{false};
    std::vector<std::thread> workers_;
};

} // namespace ossia
