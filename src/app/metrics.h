#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/gauges.h"
#include "app/house.h"

namespace wanspool::app {

// Writes the metrics into a file, on a thread of its own: what the wheel has at hand it gives away, and
// neither the queue nor a disk ever stops it. A file that cannot be written is complained of once.
class Metrics {
 public:
  Metrics(Spool spool, Instant started);
  ~Metrics();
  Metrics(Metrics const&) = delete;
  Metrics& operator=(Metrics const&) = delete;

  // From now on; no file: none is written.
  void change(std::filesystem::path const& file, milliseconds every);
  // When it wants the next turn.
  Instant next(Instant now) const;
  // Once after every turn; of dropped files so many were taken or not.
  void turned(House const& house, std::uint64_t accepted, std::uint64_t rejected);
  // A configuration was read, and holds or does not.
  void reloaded(bool well, Instant now);

 private:
  struct Work {
    std::filesystem::path file;
    Gauges gauges;
  };
  void run();
  void write(Work const& work);

  Spool spool_;
  Instant started_, reloaded_, due_;
  bool reloaded_well_ = true;
  std::filesystem::path file_;
  milliseconds every_{0};

  std::mutex mutex_;
  std::condition_variable some_;
  std::optional<Work> work_;
  bool busy_ = false, stopping_ = false;
  std::string trouble_;  // the thread's alone
  std::thread thread_;
};

}  // namespace wanspool::app
