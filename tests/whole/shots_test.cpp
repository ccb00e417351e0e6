#include <doctest/doctest.h>
#include <poll.h>

#include <deque>
#include <optional>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr int kJobs = 3;

// A run that has every kind of request: one create is accepted and its answer lost, one is lost unaccepted,
// so that the account's list is read for both.
std::vector<std::string> const kWorld{"--fault", "create:2:lose-answer", "--fault", "create:3:500"};

// One run, of which one request is shot at; another daemon follows as soon as one has died.
class Schedule {
 public:
  explicit Schedule(std::string rule) : rule_{std::move(rule)}, emulator_{options()} {
    house_.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator_.endpoint();
    house_.hand_in("cats.yaml", manifest_of(kJobs));
    daemon_.emplace(house_.victim());
  }

  // Whether all is over; to be asked again and again.
  bool is_over() {
    if (!daemon_->is_running()) {
      REQUIRE(daemon_->wait() == kKilled);
      ++deaths_;
      daemon_.emplace(house_.victim());
    }
    later_.look();
    return later_.is_settled(kJobs);
  }

  void check() {
    CAPTURE(rule_);
    INFO("the daemon's log: ", daemon_->err());
    books_ = emulator_.ledger();
    CHECK(books_["shots"] == deaths_);
    // It reads the list, and a shot that is not fired yet may meet that.
    if (rule_.empty() || deaths_ > 0) check_account(house_);
    daemon_->signal(SIGTERM);
    CHECK(daemon_->wait() == 0);
    CHECK(house_.tally()[State::Done] == kJobs + later_.handed());
    CHECK(emulator_.created() == kJobs + later_.handed());
    check_books(house_, emulator_);
  }
  int deaths() const { return deaths_; }
  int handed() const { return later_.handed(); }
  nlohmann::json const& books() const { return books_; }
  std::string const& rule() const { return rule_; }
  std::string log() const { return daemon_->err(); }

 private:
  std::vector<std::string> options() const {
    std::vector<std::string> all{"--victim-pid-file", house_.victim_file().string()};
    if (!rule_.empty()) all.insert(all.end(), {"--fault", rule_});
    all.insert(all.end(), kWorld.begin(), kWorld.end());
    return all;
  }

  std::string rule_;
  House house_{"http://127.0.0.1:9/api/v1"};
  Emulator emulator_;
  std::optional<Process> daemon_;
  Later later_{house_};
  nlohmann::json books_;
  int deaths_ = 0;
};

void live_through(std::deque<Schedule>& all) {
  std::deque<Schedule*> open;
  for (auto& each : all) open.push_back(&each);
  auto const until = std::chrono::steady_clock::now() + std::chrono::minutes{5};
  while (!open.empty()) {
    std::erase_if(open, [](Schedule* each) { return each->is_over(); });
    if (open.empty()) break;
    INFO("not over: ", open.front()->rule(), ": ", open.front()->log());
    REQUIRE(std::chrono::steady_clock::now() < until);
    ::poll(nullptr, 0, 10);
  }
  for (auto& each : all) each.check();
}

// What is asked for where nobody is killed. One that stood still has been given a second job for want of
// progress, which has requests of its own: that is nothing to count by.
nlohmann::json undisturbed_books() {
  for (int tries = 0; tries < 5; ++tries) {
    std::deque<Schedule> one;
    one.emplace_back("");
    live_through(one);
    if (one.front().handed() == 1) return one.front().books();
  }
  FAIL("no run went through without a pause");
  return {};
}

}  // namespace

TEST_CASE("killed at any request of any kind, before its answer or after it, the daemon buys all once") {
  auto const books = undisturbed_books();
  std::map<std::string, int> const counts{{"create", books["creates"]["received"]},
                                          {"query", books["queries"]},
                                          {"list", books["lists"]},
                                          {"download", books["downloads"]}};
  int killed = 0;
  for (auto const& [kind, count] : counts) {
    CAPTURE(kind);
    CHECK(count >= 2);
    for (std::string const shot : {":kill-before", ":kill-after"}) {
      std::deque<Schedule> all;
      for (int number = 1; number <= count; ++number)
        all.emplace_back(kind + ":" + std::to_string(number) + shot);
      live_through(all);
      // How often the daemon asks after its tasks and reads the list depends on its speed.
      for (int number = 1; number <= count; ++number) {
        auto const deaths = all[static_cast<std::size_t>(number - 1)].deaths();
        CHECK(deaths <= 1);
        if (number <= 2 || kind == "create" || kind == "download") CHECK(deaths == 1);
        killed += deaths;
      }
    }
  }
  MESSAGE(killed, " daemons were killed at their requests");
}
