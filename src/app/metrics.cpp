#include "app/metrics.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "base/log.h"

namespace wanspool::app {
namespace {

constexpr hours kDiesSoon{6};

[[noreturn]] void fail(std::filesystem::path const& path) {
  throw std::system_error{errno, std::generic_category(), "cannot write " + path.string()};
}

// Whole at every moment, and for everybody to read: node_exporter is another user. After a power cut the next
// one replaces it, so that it need not be synced. Its first name does not end in .prom.
void replace(std::filesystem::path const& file, std::string const& text) {
  auto const part = std::filesystem::path{file.string() + ".part"};
  {
    Fd const fd{::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)};
    if (!fd || ::fchmod(fd.get(), 0644) != 0) fail(part);
    for (std::size_t at = 0; at < text.size();) {
      auto const wrote = ::write(fd.get(), text.data() + at, text.size() - at);
      if (wrote < 0) fail(part);
      at += static_cast<std::size_t>(wrote);
    }
  }
  std::filesystem::rename(part, file);
}

}  // namespace

Metrics::Metrics(Spool spool, Instant started)
    : spool_{std::move(spool)}, started_{started}, reloaded_{started}, thread_{[this] { run(); }} {}

Metrics::~Metrics() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  some_.notify_one();
  thread_.join();
}

void Metrics::change(std::filesystem::path const& file, milliseconds every) {
  file_ = file.empty() ? file : spool_.root / file;
  every_ = every;
  due_ = {};
}

Instant Metrics::next(Instant now) const {
  return file_.empty() ? Instant::max() : std::max(now, due_);
}

void Metrics::reloaded(bool well, Instant now) {
  reloaded_well_ = well;
  if (well) reloaded_ = now;
  due_ = {};
}

void Metrics::turned(House const& house, std::uint64_t accepted, std::uint64_t rejected) {
  auto const now = house.clock.now();
  if (file_.empty() || now < due_) return;
  due_ = now + every_;
  auto& engine = *house.engine;
  Gauges gauges{now,
                started_,
                house.currency(),
                engine.tally(),
                engine.today(),
                engine.traffic(),
                engine.stands(now),
                engine.hindrance().kind,
                engine.stops().size(),
                engine.uncollected(),
                engine.dying_before(now + kDiesSoon),
                accepted,
                rejected,
                reloaded_well_,
                reloaded_,
                house.hooks->counts()};
  {
    std::lock_guard const lock{mutex_};
    if (busy_) return;  // a slow disk; the next one tells all of it
    work_ = {file_, std::move(gauges)};
  }
  some_.notify_one();
}

void Metrics::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    some_.wait(lock, [&] { return stopping_ || work_; });
    if (stopping_) return;
    auto const work = *std::exchange(work_, std::nullopt);
    busy_ = true;
    lock.unlock();
    write(work);
    lock.lock();
    busy_ = false;
  }
}

void Metrics::write(Work const& work) {
  std::string trouble;
  try {
    auto const reader = open_reader(spool_.database);
    replace(work.file, exposition_of(work.gauges, look_up(work.gauges, *reader, spool_)));
  } catch (std::exception const& error) {
    trouble = error.what();
  }
  if (!trouble.empty() && trouble_.empty())
    log::warning({.event = "metrics"}, "no metrics are written: {}; it is tried again", trouble);
  if (trouble.empty() && !trouble_.empty()) log::info({.event = "metrics"}, "metrics are written again");
  trouble_ = std::move(trouble);
}

}  // namespace wanspool::app
