#include <doctest/doctest.h>

#include <random>

#include "core/tally.h"
#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {

// A life of one task: news of all kinds in any order, and what must never be true of its money.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_{seed}, task_{queued(pick(1, 4))} {
    if (pick(0, 3) == 0) task_.on_doubt = OnDoubt::Resubmit;
    tally_.add(task_);
  }

  // "" or what went wrong.
  std::string live(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += seconds{pick(0, 10) == 0 ? pick(1, 100'000) : pick(0, 20)};
      if (pick(0, 4) == 0) policy_.others_answered = now_;
      auto const before = task_;
      if (pick(0, 9) == 0) start_again();
      pick(0, 2) == 0 ? step() : hear();
      tally_.remove(before);
      tally_.add(task_);
      auto const complaint = judge(before);
      if (!complaint.empty()) return complaint;
    }
    return {};
  }

  Task const& task() const { return task_; }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution{low, high}(random_); }

  void step() {
    auto plan = next(task_, now_);
    if (plan.act == Act::Submit && out_) twice_ = true;
    if (plan.act == Act::Submit) out_ = true;
    task_ = std::move(plan.task);
  }

  // After a crash a create that was on its way is a doubt.
  void start_again() {
    if (task_.state == State::Submitting && !task_.in_doubt())
      task_.possible_until = task_.times.sent + policy_.create_life;
  }

  // What the provider itself knows: whether an unanswered or accepted create of ours is out there.
  void hear() {
    auto const news = any();
    if (task_.state == State::Submitting) {
      auto const* const refused = std::get_if<news::Refused>(&news);
      if (refused && refused->trouble.kind != Kind::Unknown) out_ = false;
      if (std::holds_alternative<news::Unsent>(news)) out_ = false;
    }
    if (task_.in_doubt()) end_doubt(news);
    if (task_.state == State::Submitted || task_.state == State::Running)
      if (std::holds_alternative<news::GaveUp>(news)) out_ = false;
    task_ = learn(std::move(task_), news, policy_, now_);
  }

  void end_doubt(News const& news) {
    if (std::holds_alternative<news::NeverAccepted>(news)) out_ = false;
    if (!std::holds_alternative<news::Undecidable>(news) || task_.on_doubt != OnDoubt::Resubmit) return;
    gambled_ += task_.reserved;
    out_ = false;
  }

  News any() {
    auto const bad = trouble(static_cast<Kind>(pick(0, 4)), seconds{pick(0, 2000)});
    auto answer = answer_of(pick(0, 5));
    answer.image_count = pick(0, 5);
    switch (pick(0, 16)) {
      case 0:
        return news::Accepted{"task", "request"};
      case 1:
        return news::Refused{bad};
      case 2:
        return news::Unsent{bad};
      case 3:
        return pick(0, 5) == 0 ? News{news::Unanswered{"why", ""}} : News{news::Accepted{"task", "request"}};
      case 4:
        return news::Waiting{};
      case 5:
        return news::Working{};
      case 6:
        return news::Finished{answer, {}};
      case 7:
        return news::GaveUp{bad, {}};
      case 8:
        return pick(0, 5) == 0 ? News{news::CanceledThere{}} : News{news::Working{}};
      case 9:
        return news::Vanished{};
      case 10:
        return news::NoAnswer{bad};
      case 11:
        return news::PictureSafe{safe_picture(pick(0, 5))};
      case 12:
        return news::PictureMissed{pick(0, 5), bad, pick(0, 1) == 0};
      case 13:
        return news::Adopted{"task", "request", now_};
      case 14:
        return news::NeverAccepted{"why"};
      case 15:
        return news::Undecidable{"why"};
      default:
        return news::Stored{};
    }
  }

  std::string judge(Task const& before) {
    auto const none = Money{};
    if (twice_) return "sent while an earlier create may be alive";
    if (task_.reserved < none || task_.spent < none || task_.uncertain < none) return "negative money";
    if (task_.reserved > task_.price * task_.wanted) return "more reserved than one create can cost";
    if (is_final(task_.state) && task_.reserved != none) return "a final state with a reservation";
    if (is_final(before.state) && task_ != before) return "a final state was left";
    if (before.state == State::Held && task_ != before && task_.state != State::Submitted)
      return "a held task was touched";
    if (is_out(task_.state) && task_.reserved != task_.price * task_.wanted) return "out and not reserved";
    if (task_.state == State::Queued && task_.reserved != none) return "reserved and not out";
    if (task_.uncertain < gambled_) return "what may have been paid for nothing was forgotten";
    if (task_.creates < 0) return "fewer than no creates";
    if (task_.state == State::Downloading) finished_ = true;
    if (finished_ && task_.spent + task_.uncertain != gambled_ + task_.price * task_.image_count)
      return "charged money got lost";
    if (!finished_ && task_.spent != none) return "spent before anything was charged";
    if (task_.state == State::Done && !task_.complete()) return "done and not complete";
    if (tally_.reserved != task_.reserved || tally_.spent != task_.spent ||
        tally_.uncertain != task_.uncertain || tally_.pictures != task_.pictures_safe() ||
        tally_.total() != 1 || tally_[task_.state] != 1)
      return "the tally tells another story";
    return {};
  }

  static bool is_out(State state) {
    return state == State::Submitting || state == State::Submitted || state == State::Running ||
           state == State::Held;
  }

  std::mt19937_64 random_;
  Policy policy_;
  Task task_;
  Tally tally_;
  Instant now_ = kStart;
  Money gambled_;  // perhaps paid for nothing, by the user's own wish
  bool out_ = false, twice_ = false, finished_ = false;
};

}  // namespace

TEST_CASE("no order of news makes money negative, loses charged money or buys twice") {
  std::array<int, kStates> ends{};
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    Life life{seed};
    auto const complaint = life.live(60);
    if (!complaint.empty()) FAIL("seed " << seed << ": " << complaint);
    ++ends[static_cast<std::size_t>(life.task().state)];
  }
  // The lives are worth something only if they end in every way.
  for (auto const state : {State::Done, State::Failed, State::Canceled, State::Held}) {
    CAPTURE(std::string{name_of(state)});
    CHECK(ends[static_cast<std::size_t>(state)] > 100);
  }
}

TEST_CASE("a tally that lost every task it counted shows nothing") {
  std::vector<Task> const tasks{queued(),   submitting(), in_doubt(), submitted(), running(), downloading(),
                                complete(), done(),       failed(),   canceled(),  held()};
  Tally tally;
  for (auto const& task : tasks) tally.add(task);
  CHECK(tally.total() == 11);
  CHECK(tally[State::Downloading] == 2);
  CHECK(tally.pictures == 4);
  CHECK(tally.reserved == kPrice * 10);
  CHECK(tally.spent == kPrice * 6);
  for (auto const& task : tasks) tally.remove(task);
  CHECK(tally.total() == 0);
  CHECK(tally.pictures == 0);
  CHECK(tally.reserved + tally.spent + tally.uncertain == Money{});
}
