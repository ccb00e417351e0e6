#include <doctest/doctest.h>
#include <poll.h>

#include <random>

#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kKills = 30, kJobs = 60;  // a start takes a second there
#else
constexpr int kKills = 200, kJobs = 300;
#endif

// Refusals that cost a job one of its tries are fewer than the tries that it has; of the rest any number may
// meet anybody.
constexpr char kHavoc[] = R"(
"create:/23:lose-answer"
"create:/29:502,html,accept"
"create:/31:500"
"create:/37:reset"
"create:11:503,code=ModelServingError"
"create:47:503,code=ModelUnavailable"
"query:/13:500"
"query:/17:reset"
"query:/19:502,html"
"download:/7:answer-half"
"download:/11:reset"
"download:/13:503"
"download:/17:cut-png"
)";

constexpr char const* kModels[] = {"wan2.6-t2i", "wan2.6-image"};

// Creates are slow enough to meet many deaths, and each model's have doubts of their own.
std::string slow_creates() {
  std::string config =
      "inbox: { settle: 50ms, rescan: 1s }\nqueries_per_second: 500\nlists_per_second: 100\n"
      "doubt: { list_delay: 500ms }\nlimits:\n";
  for (std::string const model : kModels) config += "  " + model + ": { creates_per_second: 4, slots: 0 }\n";
  return config;
}

// So many jobs for each model.
std::string manifest_for_all(int jobs, std::string const& thing) {
  std::string text = "manifest: 1\njobs:\n";
  for (int i = 1; i <= jobs; ++i)
    for (std::string const model : kModels)
      text += "  - { id: " + model.substr(3) + "-" + std::to_string(i) + ", model: " + model +
              ", prompt: " + thing + " " + std::to_string(i) + " of " + model +
              (model == "wan2.6-image" ? ", parameters: { enable_interleave: true, max_images: 1 } }\n"
                                       : ", parameters: { n: 1 } }\n");
  return text;
}

struct Kills {
  int all = 0;
  int before_ready = 0;   // while it recovered what the one before it had left
  int before_a_word = 0;  // of these and others: before it had asked the provider for anything
  int in_doubt = 0;       // those that left a create in doubt or found one
};

class Havoc {
 public:
  Havoc(House const& house, Emulator const& emulator) : house_{house}, emulator_{emulator} {}

  Kills wreak() {
    while (kills_.all < kKills) kill_one();
    return kills_;
  }

 private:
  int between(int least, int most) { return std::uniform_int_distribution{least, most}(dice_); }

  void kill_one() {
    auto const asked = emulator_.requests();
    auto daemon = house_.start({"daemon"});
    int const kind = between(1, 10);
    if (kind <= 3)
      die_in_recovery(daemon);
    else if (kind <= 8)
      die_at_work(daemon, asked, between(1, 6), std::chrono::milliseconds{between(1, 150)});
    else
      die_at_work(daemon, asked, between(20, 120), std::chrono::milliseconds{between(1'100, 1'900)});
    REQUIRE(daemon.is_running());
    daemon.signal(SIGKILL);
    REQUIRE(daemon.wait() == kKilled);
    ++kills_.all;
    if (daemon.err().find("drop manifests into") == std::string::npos) ++kills_.before_ready;
    if (emulator_.requests() == asked) ++kills_.before_a_word;
    if (house_.tally()[State::Submitting] > 0) ++kills_.in_doubt;
  }

  // As soon as it has the spool, wherever its recovery stands a moment later.
  void die_in_recovery(Process& daemon) {
    while (!house_.is_kept_by(daemon)) REQUIRE(daemon.is_running());
    auto const until = std::chrono::steady_clock::now() + std::chrono::microseconds{between(0, 6'000)};
    while (std::chrono::steady_clock::now() < until) continue;
  }

  // When it has asked so often, or so much later: some of what it does asks nobody.
  void die_at_work(Process& daemon, std::int64_t asked, int requests, std::chrono::milliseconds most) {
    daemon.await_err("drop manifests into");
    auto const until = std::chrono::steady_clock::now() + most;
    while (emulator_.requests() < asked + requests && std::chrono::steady_clock::now() < until)
      ::poll(nullptr, 0, 1);
  }

  House const& house_;
  Emulator const& emulator_;
  std::mt19937 dice_{20'260'101};
  Kills kills_;
};

}  // namespace

TEST_CASE("killed at random again and again in a storm of faults, the daemon buys every job exactly once") {
  House house{"http://127.0.0.1:9/api/v1", slow_creates()};
  Emulator const emulator{{"--script", house.write("havoc.json", kHavoc), "--list-delay", "4s"}};
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  int const each = kJobs / static_cast<int>(std::size(kModels));
  house.hand_in("cats.yaml", manifest_for_all(each, "a cat"));
  auto const kills = Havoc{house, emulator}.wreak();
  auto const left = kJobs - house.tally()[State::Done];
  MESSAGE(kills.all, " kills: ", kills.before_ready, " in recovery, ", kills.before_a_word,
          " before anything was asked, ", kills.in_doubt, " beside a doubt; ", left,
          " jobs were left for the last daemon");
  CHECK(kills.all == kKills);
  CHECK(kills.before_ready > 0);
  CHECK(kills.before_a_word > 0);
  CHECK(kills.in_doubt > 0);

  auto daemon = house.daemon();
  Later later{house};
  auto const until = std::chrono::steady_clock::now() + std::chrono::minutes{5};
  for (later.look(); !later.is_settled(kJobs); later.look()) {
    INFO("the daemon's log: ", daemon.err());
    REQUIRE(std::chrono::steady_clock::now() < until);
    ::poll(nullptr, 0, 20);
  }
  INFO("the daemon's log: ", daemon.err());
  CHECK(house.tally()[State::Done] == kJobs + later.handed());
  CHECK(emulator.created() == kJobs + later.handed());
  check_account(house);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}
