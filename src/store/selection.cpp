#include "store/selection.h"

#include <algorithm>

#include "base/glob.h"

namespace wanspool {
namespace {

using sqlite::Db;
using sqlite::Rows;

// After all text: no UTF-8 has such a byte.
constexpr char kLast[] = "\xff";
constexpr std::size_t kPiece = 500;

std::string const kColumns =
    "SELECT j.id, j.manifest, j.name, j.task, j.wish, j.retired, t.owner = j.id, t.state, t.reserved, "
    "t.spent,"
    " t.uncertain, t.deadline, t.error_code FROM jobs j CROSS JOIN manifests m ON m.id = j.taken AND m.live "
    "= 1"
    " CROSS JOIN tasks t ON t.id = j.task WHERE ";

// Names in the order of bytes, in one manifest, or in those from one to another.
struct Range {
  bool within = true;
  std::string manifest, manifests_end;
  std::string from, end;  // names from here on and before there
};

std::string head_of(std::string const& pattern) {
  return pattern.substr(0, pattern.find('*'));
}

bool is_pattern(std::string const& word) {
  return word.find('*') != std::string::npos;
}

std::string after_all_with(std::string const& head) {
  return head + kLast;
}

// What is called so and what lies below are two ranges, for much may lie between them ("hero-2").
std::vector<Range> ranges_of(std::string const& word) {
  auto const slash = word.find('/');
  auto const manifest = word.substr(0, slash);
  if (is_pattern(manifest)) return {{false, head_of(manifest), after_all_with(head_of(manifest)), {}, {}}};
  if (slash == word.npos) return {{true, manifest, {}, "", kLast}};
  auto const name = word.substr(slash + 1);
  if (is_pattern(name)) return {{true, manifest, {}, head_of(name), after_all_with(head_of(name))}};
  return {{true, manifest, {}, name, name + '\x01'}, {true, manifest, {}, name + "/", name + "0"}};
}

// The first range is looked up by the whole name: '\x01' comes before all that names are made of.
Selected read(Rows& rows) {
  Selected job;
  rows.take(job.job);
  rows.take(job.manifest);
  rows.take(job.name);
  rows.take(job.task);
  rows.take(job.wish);
  rows.take(job.retired);
  rows.take(job.owns);
  rows.take(job.state);
  rows.take(job.reserved);
  rows.take(job.spent);
  rows.take(job.uncertain);
  rows.take(job.deadline);
  rows.take(job.error_code);
  return job;
}

template <typename... Values>
std::vector<Selected> all_of(Db& db, std::string const& sql, Values const&... values) {
  std::vector<Selected> jobs;
  auto rows = db.query(sql, values...);
  while (rows.next()) jobs.push_back(read(rows));
  return jobs;
}

// From the log's place on.
std::vector<Selected> piece_of(Db& db, Range const& range, ErrandLog const& log, std::size_t rows) {
  static auto const within =
      kColumns + "j.manifest = ? AND j.name > ? AND j.name >= ? AND j.name < ? ORDER BY j.name LIMIT ?";
  static auto const across = kColumns +
                             "(j.manifest, j.name) > (?, ?) AND j.manifest < ?"
                             " ORDER BY j.manifest, j.name LIMIT ?";
  if (range.within) return all_of(db, within, range.manifest, log.name, range.from, range.end, rows);
  auto const& from = log.manifest.empty() ? range.manifest : log.manifest;
  return all_of(db, across, from, log.name, range.manifests_end, rows);
}

void begin_range(ErrandLog& log, std::size_t range) {
  log.range = range;
  log.manifest.clear();
  log.name.clear();
}

void end_word(ErrandLog& log, std::string const& word) {
  if (!log.found) log.strange.push_back(word);
  log.found = false;
  ++log.word;
  begin_range(log, 0);
}

}  // namespace

std::vector<Selected> select_jobs(Db& db, std::vector<std::string> const& words, ErrandLog& log,
                                  std::size_t rows) {
  std::vector<Selected> found;
  for (std::size_t looked = 0; looked < rows && log.word < words.size();) {
    auto const& word = words[log.word];
    auto const ranges = ranges_of(word);
    auto const most = std::min(kPiece, rows - looked);
    auto piece = piece_of(db, ranges[log.range], log, most);
    looked += piece.size() + 1;
    bool const ended = piece.size() < most;
    if (!ended) {
      log.manifest = piece.back().manifest;
      log.name = piece.back().name;
    }
    for (auto& each : piece) {
      if (is_pattern(word) && !glob_matches(word, each.manifest + "/" + each.name)) continue;
      log.found = true;
      found.push_back(std::move(each));
    }
    if (!ended) continue;
    log.range + 1 < ranges.size() ? begin_range(log, log.range + 1) : end_word(log, word);
  }
  return found;
}

std::vector<Selected> select_failed(Db& db, ErrandLog& log, std::size_t rows) {
  std::vector<std::int64_t> tasks;
  {
    auto failed = db.query(
        "SELECT id FROM tasks INDEXED BY tasks_failed WHERE state = 6 AND id > ? ORDER BY id LIMIT ?",
        log.task, rows);
    while (failed.next()) tasks.push_back(failed.take<std::int64_t>());
  }
  static auto const sql = kColumns + "j.task = ?";
  std::vector<Selected> found;
  for (auto const task : tasks)
    for (auto& each : all_of(db, sql, task)) found.push_back(std::move(each));
  if (!tasks.empty()) log.task = tasks.back();
  log.done = tasks.size() < rows;
  return found;
}

bool means_some(Db& db, std::string const& word) {
  ErrandLog log;
  while (log.word == 0)
    if (!select_jobs(db, {word}, log, kPiece).empty()) return true;
  return false;
}

}  // namespace wanspool
