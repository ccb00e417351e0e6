#include "engine/status_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/output.h"
#include "engine/status_words.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds kEvery{10'000}, kLookUpEvery{1000}, kRetry{30'000};
// As long again for each so many of its jobs, which are all counted.
constexpr std::int64_t kCounted = 100'000;
constexpr std::size_t kAtOnce = 16;
constexpr std::size_t kTextMost = 64u << 10;

std::string text_of(fs::path const& file) {
  try {
    return read_file(file, kTextMost);
  } catch (std::system_error const&) {
    return {};
  }
}

void attempt(std::string& trouble, std::function<void()> const& deed) try {
  deed();
} catch (std::system_error const& error) {
  trouble = trouble_of(error).message;
}

// Never half of it, and nothing of it where there is no room.
void replace_file(fs::path const& file, std::string const& text) {
  auto const part = fs::path{file.string() + ".part"};
  try {
    auto const fd = disk::create(part, 0666);
    disk::write(fd.get(), text, part);
  } catch (std::system_error const&) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
  disk::rename(part, file);
}

}  // namespace

StatusFiles::StatusFiles(Spool spool, Workers& workers, std::string currency,
                         std::function<Outlook()> outlook)
    : spool_{std::move(spool)},
      workers_{workers},
      currency_{std::move(currency)},
      outlook_{std::move(outlook)} {}

void StatusFiles::open() {
  if (!reader_) reader_ = open_reader(spool_.database);
  if (!housekeeping_) housekeeping_ = open_housekeeping(spool_.database);
}

void StatusFiles::committed(Batch const& batch) {
  for (auto const& task : batch.tasks)
    if (!task.orphan) tasks_.insert(task.id);
  bool others = batch.stops.has_value() || !batch.facts.empty();
  for (auto const& lane : batch.lanes) {
    auto& known = weather_[lane.key()];
    others = others || known != lane.weather.kind;
    known = lane.weather.kind;
  }
  if (!others) return;
  for (auto const& each : open_) changed(each);
}

void StatusFiles::changed(std::string const& manifest) {
  auto const lately = not_before_.find(manifest);
  auto const due = lately == not_before_.end() ? Instant{} : lately->second;
  if (changed_.emplace(manifest, due).second) in_order_.emplace(due, manifest);
}

std::string StatusFiles::take_first() {
  auto const manifest = in_order_.extract(in_order_.begin()).value().second;
  changed_.erase(manifest);
  return manifest;
}

void StatusFiles::step(Instant now, std::function<bool()> const& at_rest) {
  if (under_way_ || now < retry_ || nothing_changed()) return;
  auto job = next_job(now, false);
  if (job.empty() && at_rest()) job = next_job(now, true);
  if (!job.empty()) submit(std::move(job));
}

StatusFiles::Job StatusFiles::next_job(Instant now, bool hurry) {
  Job job;
  job.now = now;
  if (all_ || (!tasks_.empty() && (hurry || look_up_at_ <= now))) {
    job.all = std::exchange(all_, false);
    job.tasks.assign(tasks_.begin(), tasks_.end());
    tasks_.clear();
    look_up_at_ = now + kLookUpEvery;
    return job;
  }
  while (job.manifests.size() < kAtOnce && !in_order_.empty() && (hurry || in_order_.begin()->first <= now))
    job.manifests.push_back(take_first());
  if (!job.manifests.empty()) job.outlook = outlook_();
  return job;
}

Instant StatusFiles::next_step(Instant now, std::function<bool()> const& at_rest) const {
  if (under_way_ || nothing_changed()) return Instant::max();
  auto soonest = all_ ? now : tasks_.empty() ? Instant::max() : look_up_at_;
  if (!in_order_.empty()) soonest = std::min(soonest, in_order_.begin()->first);
  if (soonest > now && at_rest()) soonest = now;
  return std::max({now, soonest, retry_});
}

bool StatusFiles::idle() const {
  return !under_way_ && (nothing_changed() || !trouble_.empty());
}

void StatusFiles::submit(Job job) {
  under_way_ = true;
  workers_.submit([this, job = std::move(job)]() -> Workers::After {
    auto outcome = work(job);
    return [this, job, outcome = std::move(outcome)] { landed(job, outcome); };
  });
}

StatusFiles::Outcome StatusFiles::work(Job const& job) {
  Outcome outcome;
  open();
  if (job.all) outcome.found = housekeeping_->manifests();
  if (!job.all && !job.tasks.empty()) outcome.found = housekeeping_->manifests_of(job.tasks);
  if (!job.manifests.empty()) write(job, outcome);
  return outcome;
}

// What holds for all of them is asked once. One that cannot be written keeps none of the others.
void StatusFiles::write(Job const& job, Outcome& outcome) try {
  auto facts = common_facts(job.outlook);
  struct Page {
    Outcome::Written its;
    std::string text;  // "": nothing new
  };
  std::map<std::string, Page> pages;
  bool new_folders = false;
  make_folders(spool_.out);
  for (auto const& each : job.manifests) {
    if (*stopping_) return;
    facts.manifest = each;
    facts.census = housekeeping_->census(each, kStatusExamples);
    facts.owner = reader_->owner_of(each).value_or(kUnknownSubmitter);
    Page page{{facts.census.total() + facts.census.retired, facts.census.is_over()}, {}};
    attempt(outcome.trouble, [&] {
      if (facts.census.is_known) page.text = news_of(each, status_text(facts, job.now));
      if (!page.text.empty() && make_folder_of(each)) new_folders = true;
      pages.emplace(each, std::move(page));
    });
  }
  // Before anything is in them.
  if (new_folders) disk::sync_folder(spool_.out);
  for (auto const& each : pages)
    attempt(outcome.trouble, [&] {
      auto const& [manifest, page] = each;
      if (!page.text.empty()) replace_file(file_of(manifest), page.text);
      outcome.written[manifest] = page.its;
    });
} catch (std::system_error const& error) {
  outcome.trouble = trouble_of(error).message;
}

StatusFacts StatusFiles::common_facts(Outlook const& outlook) const {
  StatusFacts facts;
  facts.currency = currency_;
  facts.lanes = reader_->lanes();
  facts.stops = reader_->stops();
  facts.hinders = outlook.hinders;
  facts.uploads = reader_->fact("uploads");
  facts.results = reader_->fact("results");
  facts.left = outlook.left;
  return facts;
}

// The text, or "" where the file says the same.
std::string StatusFiles::news_of(std::string const& manifest, std::string text) const {
  return without_time(text_of(file_of(manifest))) == without_time(text) ? std::string{} : text;
}

fs::path StatusFiles::file_of(std::string const& manifest) const {
  return spool_.index_file(manifest).replace_filename("STATUS.txt");
}

// Returns whether it is new.
bool StatusFiles::make_folder_of(std::string const& manifest) const {
  auto const folder = file_of(manifest).parent_path();
  if (fs::is_directory(folder)) return false;
  disk::make_folder(folder);
  return true;
}

void StatusFiles::landed(Job const& job, Outcome const& outcome) {
  under_way_ = false;
  if (tidy_at_ <= job.now) {
    std::erase_if(not_before_, [&](auto const& each) { return each.second <= job.now; });
    tidy_at_ = job.now + kEvery;
  }
  for (auto const& name : job.manifests) {
    auto const written = outcome.written.find(name);
    if (written == outcome.written.end()) {
      if (!outcome.trouble.empty()) not_before_[name] = job.now + kRetry;  // behind the others
      changed(name);
      continue;
    }
    not_before_[name] = job.now + kEvery * (1 + written->second.jobs / kCounted);
    if (written->second.is_over)
      open_.erase(name);
    else
      open_.insert(name);
    // What came while it was being written waits like the rest.
    if (auto const again = changed_.find(name); again != changed_.end()) {
      in_order_.erase({again->second, name});
      changed_.erase(again);
      changed(name);
    }
  }
  for (auto const& each : outcome.found) changed(each);
  if (!outcome.trouble.empty()) {
    if (outcome.trouble != trouble_) log::warning("STATUS.txt waits: {}", outcome.trouble);
    retry_ = job.now + kRetry;
  }
  trouble_ = outcome.trouble;
}

}  // namespace wanspool
