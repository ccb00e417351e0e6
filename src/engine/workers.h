#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace wanspool {

// Threads for files and for programs of others. What a piece of work has to tell comes back as a function
// that is called on the wheel's own thread, so that nothing else of the house is ever shared.
class Workers {
 public:
  using After = std::function<void()>;
  using Work = std::function<After()>;

  // With no threads each piece is done inside submit(): the same order every time, for tests.
  explicit Workers(int threads);
  ~Workers() { stop(); }
  Workers(Workers const&) = delete;
  Workers& operator=(Workers const&) = delete;

  void submit(Work work);
  // Waits for what was begun and drops the rest, as in a crash; nothing may be submitted after it.
  void stop();
  // Calls what has come back. Rethrows what a piece of work threw: a broken environment.
  void collect();
  // Readable when collect() has something to do.
  int wake_fd() const { return wake_.get(); }
  // Pieces submitted and not yet collected.
  std::size_t pending() const { return pending_; }

 private:
  struct Result {
    After after;
    std::exception_ptr thrown;
  };
  void run();
  void finish(Result result);

  Fd wake_;
  std::size_t pending_ = 0;  // the wheel's alone
  std::mutex mutex_;
  std::condition_variable some_;
  std::deque<Work> waiting_;
  std::vector<Result> results_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace wanspool
