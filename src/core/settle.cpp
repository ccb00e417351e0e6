#include "core/settle.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/claims.h"

namespace wanspool {
namespace {

using Stand = Doubt::Stand;
using What = Verdict::What;

// Times are whole milliseconds, ours are taken anew from the wall clock at each start, and both clocks are
// nudged now and then: a window is so much wider on either side, and the lane's pause after a doubt allows
// for it.
constexpr milliseconds kClockSlack{250};

// "task a", "2 tasks (a, b)"; of many the first few.
std::string named(std::vector<ListRow> const& rows) {
  constexpr std::size_t kShown = 6;
  std::string ids;
  for (std::size_t i = 0; i < std::min(rows.size(), kShown); ++i)
    ids += (i == 0 ? "" : ", ") + rows[i].task_id;
  if (rows.size() > kShown) ids += " and " + std::to_string(rows.size() - kShown) + " more";
  return rows.size() == 1 ? "task " + ids : std::to_string(rows.size()) + " tasks (" + ids + ")";
}

// The provider's clock minus ours.
class Skew {
 public:
  // A task made at `created` there was made between `sent` and `accepted` here.
  void learn(Instant created, Instant sent, Instant accepted) {
    auto const [low, high] = std::minmax({created - accepted, created - sent});
    if (!known_) low_ = widest_low_ = low, high_ = widest_high_ = high;
    known_ = true;
    low_ = std::max(low_, low);
    high_ = std::min(high_, high);
    widest_low_ = std::min(widest_low_, low);
    widest_high_ = std::max(widest_high_, high);
  }

  bool known() const { return known_; }
  // Where no single skew explains all tasks a clock was set, and any of them may be the one that counts.
  milliseconds low() const { return low_ <= high_ ? low_ : widest_low_; }
  milliseconds high() const { return low_ <= high_ ? high_ : widest_high_; }
  milliseconds middle() const { return low() + (high() - low()) / 2; }

 private:
  bool known_ = false;
  milliseconds low_{0}, high_{0}, widest_low_{0}, widest_high_{0};
};

class Court {
 public:
  Court(std::vector<Doubt> const& doubts, std::vector<ListRow> const& rows,
        std::vector<KnownTask> const& known, Policy const& policy, Instant read_at)
      : doubts_{doubts},
        policy_{policy},
        read_at_{read_at},
        rows_{each_once(rows)},
        named_(doubts.size(), nullptr),
        claims_{doubts.size(), rows_.size()} {
    for (auto const& task : known) known_.emplace(task.task_id, &task);
  }

  Verdicts judge() {
    look_at_our_own();
    find_named();
    if (has_measure()) {
      lay_claims();
      pair();
    }
    for (std::size_t i = 0; i < doubts_.size(); ++i)
      if (doubts_[i].stand == Stand::Ripe) verdicts_.each.push_back(judge(i));
    return std::move(verdicts_);
  }

 private:
  // A list that grows while its pages are read shows rows twice.
  static std::vector<ListRow const*> each_once(std::vector<ListRow> const& rows) {
    std::vector<ListRow const*> once;
    std::unordered_set<std::string_view> seen;
    for (auto const& row : rows)
      if (seen.insert(row.task_id).second) once.push_back(&row);
    return once;
  }

  KnownTask const* known(ListRow const& row) const {
    auto const found = known_.find(row.task_id);
    return found == known_.end() ? nullptr : found->second;
  }
  bool is_ours(ListRow const& row) const {
    auto const* const task = known(row);
    return task != nullptr && !task->orphan;
  }
  // A row that does not say which key made it may be ours.
  bool has_our_key(ListRow const& row) const {
    return row.api_key_id.empty() || verdicts_.own_keys.contains(row.api_key_id);
  }
  bool has_measure() const { return !verdicts_.own_keys.empty() && skew_.known(); }

  void look_at_our_own() {
    for (auto const* const row : rows_) {
      if (!is_ours(*row)) continue;
      auto const& task = *known(*row);
      verdicts_.own_keys.insert(row->api_key_id);
      newest_ = std::max(newest_, task.sent);
      if (task.sent != Instant{} && task.accepted != Instant{})
        skew_.learn(row->created, task.sent, task.accepted);
    }
    if (!skew_.known()) return;
    verdicts_.skew_low = skew_.low();
    verdicts_.skew_high = skew_.high();
  }

  void find_named() {
    std::unordered_map<std::string_view, ListRow const*> by_request;
    for (auto const* const row : rows_)
      if (!row->request_id.empty()) by_request.emplace(row->request_id, row);
    for (std::size_t i = 0; i < doubts_.size(); ++i) {
      auto const found = by_request.find(doubts_[i].request_id);
      if (found != by_request.end()) named_[i] = found->second;
    }
  }
  bool is_named(ListRow const* row) const {
    return std::find(named_.begin(), named_.end(), row) != named_.end();
  }

  Instant earliest(Doubt const& doubt) const { return doubt.sent + skew_.low() - kClockSlack; }

  // In the provider's clock; a young doubt may be accepted at any moment still to come. A request id that is
  // not the row's excludes nothing: a gateway that gave up in between may have answered with one of its own.
  bool may_have_made(Doubt const& doubt, ListRow const& row) const {
    if (doubt.model != row.model || row.created < earliest(doubt)) return false;
    return doubt.stand == Stand::Young || row.created <= doubt.until + skew_.high() + kClockSlack;
  }

  void lay_claims() {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (is_ours(*rows_[row]) || !has_our_key(*rows_[row]) || is_named(rows_[row])) continue;
      for (std::size_t i = 0; i < doubts_.size(); ++i)
        if (named_[i] == nullptr && may_have_made(doubts_[i], *rows_[row])) claims_.add(i, row);
      // An orphan may be what an earlier doubt bought, so it proves nothing about the key or other rows.
      if (known(*rows_[row]) != nullptr) continue;
      if (claims_.doubts_of(row).empty()) verdicts_.strangers.push_back(*rows_[row]);
      unknown_.push_back(row);
    }
  }

  void pair() {
    shared_ = !claims_.can_all_be_made(unknown_);
    if (!shared_) claims_.narrow(unknown_);
    for (std::size_t i = 0; i < doubts_.size(); ++i)
      if (doubts_[i].stand == Stand::Young)
        unanswered_.insert(claims_.rows_of(i).begin(), claims_.rows_of(i).end());
  }

  bool is_alone(std::size_t row) const { return claims_.doubts_of(row).size() == 1; }
  bool is_sure(std::size_t doubt) const {
    auto const& rows = claims_.rows_of(doubt);
    return !shared_ && rows.size() == 1 && is_alone(rows.front());
  }
  bool waits_for_another(std::size_t doubt) const {
    auto const& rows = claims_.rows_of(doubt);
    return std::any_of(rows.begin(), rows.end(),
                       [this](std::size_t row) { return unanswered_.contains(row); });
  }
  // One of our tasks that was sent after the doubt's last moment is in the list.
  bool has_evidence(Doubt const& doubt) const { return newest_ != Instant{} && newest_ >= doubt.until; }
  bool is_patience_over(Doubt const& doubt) const {
    return read_at_ >= doubt.until + policy_.evidence_patience * policy_.list_delay;
  }

  Verdict judge(std::size_t i) const {
    auto const& doubt = doubts_[i];
    if (named_[i] != nullptr) return judge_named(i);
    if (read_at_ - doubt.sent > policy_.list_reach)
      return undecidable(i, "it is older than what the account's list shows, which is the last 24 hours");
    if (verdicts_.own_keys.empty())
      return wait(i, "the account's list shows no task of ours, so it cannot be told which key is ours");
    if (!skew_.known())
      return wait(i, "the account's list shows no task of ours that tells how the provider's clock goes");
    if (waits_for_another(i))
      return wait(i, "what may be its own may also be that of a create that is still unanswered");
    if (!has_evidence(doubt) && (claims_.rows_of(i).empty() || !is_patience_over(doubt)))
      return wait(i, "the account's list shows no task of ours made after it, so it proves nothing yet");
    return decide(i);
  }

  // Of its answer the number of the request was left, and the list knows it.
  Verdict judge_named(std::size_t i) const {
    auto const& row = *named_[i];
    if (is_ours(row))
      return {doubts_[i].task,
              What::Undecidable,
              {},
              {},
              {},
              "its request made task " + row.task_id + ", which belongs to another job"};
    if (std::count(named_.begin(), named_.end(), &row) > 1)
      return {doubts_[i].task,
              What::Undecidable,
              {},
              {},
              {row},
              "its request made task " + row.task_id + ", and so did that of another job"};
    return adopt(i, row, "its request made task " + row.task_id);
  }

  // Tasks of nobody's that came after the doubt's last moment and within the longest life of a create.
  // Whatever moment we believe in, to send again while there is such a one could be to pay twice.
  std::vector<ListRow> belated(Doubt const& doubt) const {
    std::vector<ListRow> rows;
    for (auto const& row : verdicts_.strangers)
      if (row.model == doubt.model && row.created >= earliest(doubt) &&
          row.created <= doubt.sent + policy_.create_life + skew_.high() + kClockSlack)
        rows.push_back(row);
    return rows;
  }

  Verdict decide(std::size_t i) const {
    auto const& rows = claims_.rows_of(i);
    if (doubts_[i].on_doubt == OnDoubt::Hold)
      return undecidable(i, "its manifest wants a person to decide (on_uncertain: hold)");
    if (rows.empty())
      if (auto late = belated(doubts_[i]); !late.empty()) {
        auto why = named(late) + " was made with our key soon after its time and may be its own all the same";
        return {doubts_[i].task, What::Undecidable, {}, {}, std::move(late), std::move(why)};
      }
    if (rows.empty())
      return {doubts_[i].task,
              What::NeverAccepted,
              {},
              {},
              {},
              "the account's list shows a task of ours made after it and none that could be its own"};
    if (!is_sure(i)) return undecidable(i, shared_ ? "somebody else uses the key" : "");
    auto const& row = *rows_[rows.front()];
    return adopt(i, row, "task " + row.task_id + " is the only one that it can have made");
  }

  Verdict wait(std::size_t i, std::string why) const {
    return {doubts_[i].task, What::Wait, {}, {}, {}, std::move(why)};
  }
  Verdict adopt(std::size_t i, ListRow const& row, std::string why) const {
    auto const& doubt = doubts_[i];
    auto const at = skew_.known() ? row.created - skew_.middle() : doubt.sent;
    return {doubt.task, What::Adopt,   row, std::max(doubt.sent, std::min(at, doubt.until)),
            {},         std::move(why)};
  }
  Verdict undecidable(std::size_t i, std::string const& because) const {
    Verdict verdict{doubts_[i].task, What::Undecidable, {}, {}, {}, {}};
    bool contested = false;
    for (auto const row : claims_.rows_of(i)) {
      verdict.candidates.push_back(*rows_[row]);
      contested = contested || !is_alone(row);
    }
    verdict.why = verdict.candidates.empty() ? "no task is seen that may be its own"
                                             : named(verdict.candidates) + " may be its own";
    if (contested) verdict.why += ", or that of another create whose answer was lost";
    if (!because.empty()) verdict.why += "; " + because;
    return verdict;
  }

  std::vector<Doubt> const& doubts_;
  Policy const& policy_;
  Instant read_at_;
  std::vector<ListRow const*> rows_;   // each task once
  std::vector<ListRow const*> named_;  // of each doubt the row with its request_id
  std::unordered_map<std::string_view, KnownTask const*> known_;
  Claims claims_;
  std::vector<std::size_t> unknown_;            // rows of our key that are no task of ours
  std::unordered_set<std::size_t> unanswered_;  // rows that a create in flight may have made
  Skew skew_;
  Instant newest_;  // when the last of our listed tasks was sent
  bool shared_ = false;
  Verdicts verdicts_;
};

}  // namespace

Verdicts settle(std::vector<Doubt> const& doubts, std::vector<ListRow> const& rows,
                std::vector<KnownTask> const& known, Policy const& policy, Instant read_at) {
  return Court{doubts, rows, known, policy, read_at}.judge();
}

}  // namespace wanspool
