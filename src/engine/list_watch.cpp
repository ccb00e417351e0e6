#include "engine/list_watch.h"

#include <algorithm>

namespace wanspool {
namespace {

// Rows of a page: what has ended since the oldest of ours began lies between them, and what others make.
constexpr int kRowsLeast = 20, kRowsMost = 100, kRowsForEach = 3;
constexpr std::size_t kTestsMost = 32;
// Later its row may have gone to any page.
constexpr milliseconds kTestLife{minutes{1}};
// So long after a query had found it an end may still be missing, and no longer.
constexpr milliseconds kGrace{2000};
constexpr Backoff kDistrust{milliseconds{10'000}, minutes{10}};
constexpr milliseconds kRefused{hours{1}};

bool is_end(std::string const& status) {
  return status == "SUCCEEDED" || status == "FAILED" || status == "CANCELED" || status == "CANCELLED";
}

}  // namespace

void ListWatch::begin(Tasks tasks, Instant now) {
  unseen_ = std::move(tasks);
  began_ = now;
  page_ = 1;
  auto const wanted = kRowsForEach * static_cast<int>(unseen_.size());
  rows_ = std::clamp(wanted, kRowsLeast, kRowsMost);
  pages_most_ = 2 + wanted / rows_;
  behind_ = false;
  std::erase_if(tests_, [&](auto const& each) { return each.second + kTestLife < now; });
}

std::vector<std::pair<std::string, std::int64_t>> ListWatch::hear(
    std::variant<provider::ListPage, Trouble> const& answer, milliseconds pause, Backoff backoff,
    Instant now) {
  asked_ = false;
  std::vector<std::pair<std::string, std::int64_t>> ended;
  if (auto const* const trouble = std::get_if<Trouble>(&answer)) {
    page_ = 1;
    proofs_ = 0;
    auto const wait = wait_of(backoff, misses_++, static_cast<std::uint64_t>(now.time_since_epoch().count()));
    next_ = now + (trouble->kind == Trouble::Kind::Lane ? std::max(wait, trouble->retry_after) : kRefused);
    return ended;
  }
  misses_ = 0;
  auto const& page = std::get<provider::ListPage>(answer);
  for (auto const& row : page.rows) {
    judge(row.task_id, is_end(row.status));
    auto const found = unseen_.find(row.task_id);
    if (found == unseen_.end()) continue;
    if (is_end(row.status)) ended.emplace_back(*found);
    unseen_.erase(found);
  }
  bool const seeks = !unseen_.empty() || is_testing();
  if (seeks && page_ < page.pages && page_ < pages_most_)
    ++page_;
  else
    end_look(pause, now);
  return ended;
}

bool ListWatch::is_testing() const {
  return std::any_of(tests_.begin(), tests_.end(),
                     [&](auto const& each) { return each.second + kGrace < began_; });
}

void ListWatch::was_first(std::string const& task_id, Instant now) {
  if (tests_.size() < kTestsMost) tests_.emplace(task_id, now);
}

// A look that began after a query had found the end must show it.
void ListWatch::judge(std::string const& task_id, bool ended) {
  auto const test = tests_.find(task_id);
  if (test == tests_.end() || test->second + kGrace >= began_) return;
  if (ended)
    distrusts_ = ++proofs_ >= kProofs ? 0 : distrusts_;
  else
    behind_ = true;
  tests_.erase(test);
}

void ListWatch::end_look(milliseconds pause, Instant now) {
  page_ = 1;
  next_ = std::max<Instant>(now, began_ + pause);
  // One that no page has shown is as late as one that is shown as it was.
  behind_ =
      behind_ || std::erase_if(tests_, [&](auto const& each) { return each.second + kGrace < began_; }) > 0;
  if (!behind_) return;
  proofs_ = 0;
  tests_.clear();
  next_ = now + wait_of(kDistrust, distrusts_++, static_cast<std::uint64_t>(now.time_since_epoch().count()));
}

}  // namespace wanspool
