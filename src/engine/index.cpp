#include "engine/index.h"

#include <fmt/format.h>

#include <system_error>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/output.h"
#include "engine/paths.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds kLookMost{minutes{5}};
constexpr milliseconds kRetry{30'000};
constexpr std::size_t kJobsAtOnce = 256;  // that are told of by one append
constexpr std::size_t kBlock = 256 << 10;

// The program ends: nobody waits for the work.
struct BrokenOff {};

void append_to(fs::path const& file, std::string const& lines) {
  auto const fd = fs::exists(file) ? disk::append(file) : disk::create(file, 0666);
  disk::write(fd.get(), lines, file);
}

bool agrees(FileSum const& file, LineSum const& queue) {
  return file.whole && file.lines == queue && (file.is_there || queue.count == 0);
}

}  // namespace

Index::Index(Spool spool, Workers& workers, std::string currency)
    : spool_{std::move(spool)}, workers_{workers}, currency_{std::move(currency)} {}

Reader& Index::reader() {
  if (!reader_) reader_ = open_reader(spool_.database);
  return *reader_;
}

void Index::add(std::string const& job, std::int64_t task) {
  fresh_[manifest_of(job)][job_of(job)].insert(task);
}

void Index::step(Instant now, std::function<bool()> const& at_rest) {
  if (!doubtful_.empty() && look_by_ == Instant{}) look_by_ = now + kLookMost;
  if (!may(now)) return;
  auto const look_at = [&](std::set<std::string> manifests) {
    submit([this, manifests](Outcome& outcome) { check(manifests, outcome); }, manifests, now);
  };
  if (std::exchange(all_doubtful_, false)) return look_at({});
  if (!torn_.empty()) return look_at(std::exchange(torn_, {}));
  if (fresh_.empty()) {
    if (doubtful_.empty() || (now < look_by_ && !at_rest())) return;
    look_by_ = {};
    look_at(std::exchange(doubtful_, {}));
    return;
  }
  auto const first = fresh_.begin();
  auto const manifest = first->first;
  Jobs jobs;
  while (!first->second.empty() && jobs.size() < kJobsAtOnce)
    jobs.insert(first->second.extract(first->second.begin()));
  if (first->second.empty()) fresh_.erase(first);
  submit([this, manifest, jobs](Outcome& outcome) { append(manifest, jobs, outcome); }, {manifest}, now);
}

Instant Index::next_step(Instant now, std::function<bool()> const& at_rest) const {
  if (under_way_) return Instant::max();
  bool const some = all_doubtful_ || !torn_.empty() || !fresh_.empty() || (!doubtful_.empty() && at_rest());
  if (some) return std::max(now, retry_);
  return doubtful_.empty() || look_by_ == Instant{} ? Instant::max() : std::max({now, retry_, look_by_});
}

bool Index::idle() const {
  bool const nothing_left = !all_doubtful_ && torn_.empty() && fresh_.empty() && doubtful_.empty();
  return !under_way_ && (nothing_left || !trouble_.empty());
}

void Index::submit(std::function<void(Outcome&)> work, std::set<std::string> manifests, Instant now) {
  under_way_ = true;
  workers_.submit([this, work = std::move(work), manifests = std::move(manifests), now]() -> Workers::After {
    Outcome outcome;
    try {
      work(outcome);
    } catch (BrokenOff const&) {
      return {};
    } catch (std::system_error const& error) {
      outcome.trouble = trouble_of(error).message;
      outcome.torn = manifests;
    }
    return [this, outcome, manifests, now] { landed(outcome, manifests, now); };
  });
}

// What came while a file was made anew may be in it already.
void Index::landed(Outcome const& outcome, std::set<std::string> const& manifests, Instant now) {
  under_way_ = false;
  for (auto const& each : outcome.rewritten)
    if (fresh_.contains(each)) doubt(each);
  torn_.insert(outcome.torn.begin(), outcome.torn.end());
  if (!outcome.trouble.empty() && manifests.empty()) all_doubtful_ = true;
  if (!outcome.trouble.empty()) {
    if (outcome.trouble != trouble_) log::warning("metadata.jsonl waits: {}", outcome.trouble);
    retry_ = now + kRetry;
  }
  trouble_ = outcome.trouble;
}

void Index::append(std::string const& manifest, Jobs const& jobs, Outcome& outcome) {
  std::string lines;
  for (auto const& [name, tasks] : jobs) {
    auto row = reader().job(manifest, name);
    if (!row) continue;
    bool const all = tasks.contains(0);
    lines += metadata_lines(current_job(reader(), std::move(*row)),
                            all ? std::vector<std::int64_t>{} : std::vector(tasks.begin(), tasks.end()),
                            reader(), currency_);
  }
  if (lines.empty()) return;
  try {
    append_to(spool_.index_file(manifest), lines);
  } catch (std::system_error const& error) {
    outcome.trouble = trouble_of(error).message;
    outcome.torn.insert(manifest);
  }
}

// No names: all manifests.
void Index::check(std::set<std::string> manifests, Outcome& outcome) {
  std::map<std::string, LineSum> sums;
  for (auto const& each : manifests) sums[each];
  auto const add = [&](JobRow const& row) {
    if (*stopping_) throw BrokenOff{};
    add_job(sums[row.manifest], current_job(reader(), row));
    return true;
  };
  if (manifests.empty()) reader().jobs({}, add);
  for (auto const& each : manifests) reader().jobs(each, add);
  for (auto const& [manifest, sum] : sums) compare(manifest, sum, outcome);
}

void Index::compare(std::string const& manifest, LineSum const& queue, Outcome& outcome) try {
  auto const file = spool_.index_file(manifest);
  if (agrees(sum_of_lines(file), queue)) return;
  if (queue.count == 0)
    disk::remove(file);
  else
    rewrite(manifest, file);
  outcome.rewritten.insert(manifest);
} catch (std::system_error const& error) {
  outcome.trouble = trouble_of(error).message;
  outcome.torn.insert(manifest);
}

void Index::rewrite(std::string const& manifest, fs::path const& file) {
  make_folders(file.parent_path());
  auto const part = fs::path{file.string() + ".part"};
  auto const fd = disk::create(part, 0666);
  std::string block;
  auto const flush = [&](std::size_t most) {
    if (block.size() <= most) return;
    disk::write(fd.get(), block, part);
    block.clear();
  };
  reader().jobs(manifest, [&](JobRow const& row) {
    if (*stopping_) throw BrokenOff{};
    block += metadata_lines(current_job(reader(), row), {}, reader(), currency_);
    flush(kBlock);
    return true;
  });
  flush(0);
  disk::sync(fd.get(), part);
  disk::rename(part, file);
  disk::sync_folder(file.parent_path());
}

std::string wrong_with_index(Reader& reader, Spool const& spool, std::string const& manifest) {
  LineSum queue;
  reader.jobs(manifest, [&](JobRow const& row) {
    if (row.manifest == manifest) add_job(queue, current_job(reader, row));
    return true;
  });
  auto const file = spool.index_file(manifest);
  auto const told = sum_of_lines(file);
  if (agrees(told, queue)) return {};
  if (!told.is_there) return fmt::format("{} is missing", file.string());
  if (!told.whole) return fmt::format("the last line of {} has no end", file.string());
  if (told.lines.count != queue.count)
    return fmt::format("{} has {} lines, the queue {} current pictures", file.string(), told.lines.count,
                       queue.count);
  return fmt::format("{} tells of other pictures than the queue", file.string());
}

}  // namespace wanspool
