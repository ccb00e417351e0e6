#include "engine/workers.h"

#include <sys/eventfd.h>

#include <cstdint>
#include <system_error>

namespace wanspool {

Workers::Workers(int threads) : wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  if (!wake_) throw std::system_error{errno, std::generic_category(), "cannot make an eventfd"};
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  } catch (...) {
    stop();
    throw;
  }
}

void Workers::stop() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  some_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::submit(Work work) {
  ++pending_;
  if (threads_.empty()) return finish({work(), nullptr});
  {
    std::lock_guard const lock{mutex_};
    waiting_.push_back(std::move(work));
  }
  some_.notify_one();
}

void Workers::collect() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] auto const drained = ::read(wake_.get(), &ignored, sizeof ignored);
  std::vector<Result> results;
  {
    std::lock_guard const lock{mutex_};
    results.swap(results_);
  }
  pending_ -= results.size();
  for (auto& result : results) {
    if (result.thrown) std::rethrow_exception(result.thrown);
    if (result.after) result.after();
  }
}

void Workers::run() {
  for (;;) {
    Work work;
    {
      std::unique_lock lock{mutex_};
      some_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Result result;
    try {
      result.after = work();
    } catch (...) {
      result.thrown = std::current_exception();
    }
    finish(std::move(result));
  }
}

void Workers::finish(Result result) {
  {
    std::lock_guard const lock{mutex_};
    results_.push_back(std::move(result));
  }
  std::uint64_t const one = 1;
  [[maybe_unused]] auto const told = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace wanspool
