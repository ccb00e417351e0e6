#include "engine/account_list.h"

#include <algorithm>
#include <utility>

namespace wanspool {
namespace {

constexpr int kPassesMost = 6;
constexpr int kMissesMost = 4;
// An account that makes ten tasks a second fills 8,640 pages of 100 in a day.
constexpr int kPagesMost = 10'000;

// What the later pass has more is newer than all that the earlier one saw, and it has lost nothing. The
// oldest rows leave the list while it is read (contract §8.1: it reaches back 24 hours).
bool agree(std::map<std::string, ListRow> const& earlier, std::map<std::string, ListRow> const& later) {
  Instant newest, oldest = Instant::max();
  for (auto const& [id, row] : earlier) newest = std::max(newest, row.created);
  for (auto const& [id, row] : later) oldest = std::min(oldest, row.created);
  for (auto const& [id, row] : earlier)
    if (!later.contains(id) && row.created >= oldest) return false;
  return std::all_of(later.begin(), later.end(), [&](auto const& each) {
    return earlier.contains(each.first) || each.second.created >= newest;
  });
}

}  // namespace

void AccountList::begin(Instant now) {
  *this = AccountList{};
  stand_ = Stand::Reading;
  read_at_ = now;
}

void AccountList::hear(std::variant<provider::ListPage, Trouble> const& answer) {
  if (stand_ != Stand::Reading) return;
  asked_ = false;
  if (auto const* trouble = std::get_if<Trouble>(&answer)) {
    if (trouble->kind == Trouble::Kind::Fatal) return give_up(Stand::Refused, trouble->message);
    if (++misses_ > kMissesMost) give_up(Stand::Failed, trouble->message);
    return;
  }
  misses_ = 0;
  auto const& page = std::get<provider::ListPage>(answer);
  for (auto const& row : page.rows) pass_[row.task_id] = row;
  if (page_ >= kPagesMost) return give_up(Stand::Failed, "the account's list has no end");
  if (page_++ >= page.pages) end_pass();
}

void AccountList::end_pass() {
  bool const agreed = passes_++ > 0 && agree(last_, pass_);
  last_ = std::exchange(pass_, {});
  page_ = 1;
  if (agreed)
    stand_ = Stand::Agreed;
  else if (passes_ >= kPassesMost)
    give_up(Stand::Failed, "the account's list changes while it is read");
}

void AccountList::give_up(Stand stand, std::string words) {
  stand_ = stand;
  complaint_ = std::move(words);
}

std::vector<ListRow> AccountList::rows() const {
  std::vector<ListRow> rows;
  for (auto const& [id, row] : last_) rows.push_back(row);
  return rows;
}

}  // namespace wanspool
