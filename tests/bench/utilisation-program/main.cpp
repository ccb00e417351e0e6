#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "bench/utilisation-program/buyers.h"

// wanspool-utilisation: how much of an account's slots the engine uses, in virtual time, beside fixed ways to
// do it. Ends with 1 if it uses too little of few slots.
namespace wanspool::bench {
namespace {

constexpr double kLeastWhereQueued = 0.995, kLeastWhereRefused = 0.97;
// The slots that an account has unless it asks for more (contract §5).
constexpr int kFewSlots = 5;

struct Wish {
  bool quick = false, json = false, fair = false, engine_alone = false, tell_only = false;
  std::vector<int> slots, services;
  std::string account;
  int tasks = 0;
  unsigned seed = 1, jobs = 2;
};

struct Row {
  Scene scene;
  std::optional<Fixed> fixed;  // else the engine
  std::string buyer() const { return fixed ? fixed->name : "wanspool"; }
};

int tasks_for(Wish const& wish, int slots) {
  if (wish.tasks > 0) return wish.tasks;
  return slots <= 100 ? wish.quick ? 150 : 300 : slots * 6;
}

std::vector<Scene> scenes_of(Wish const& wish) {
  auto slots = wish.slots, services = wish.services;
  if (slots.empty()) slots = wish.quick ? std::vector{kFewSlots} : std::vector{kFewSlots, 1000};
  if (services.empty()) services = {21, 60, 90};
  std::vector<Scene> scenes;
  for (auto const each : slots)
    for (auto const service : services)
      for (bool const refuses : {false, true})
        if (wish.account.empty() || (wish.account == "refuses") == refuses)
          scenes.push_back(scene_of(seconds{service}, each, refuses, tasks_for(wish, each), wish.seed));
  return scenes;
}

std::vector<Row> rows_of(Wish const& wish) {
  std::vector<Row> rows;
  for (auto const& scene : scenes_of(wish)) {
    rows.push_back({scene, {}});
    if (wish.engine_alone) continue;
    for (auto const& fixed : fixed_ones(scene)) rows.push_back({scene, fixed});
  }
  return rows;
}

Figures measure(Row const& row) {
  auto const begin = std::chrono::steady_clock::now();
  auto figures = row.fixed ? buy_fixed(row.scene, *row.fixed) : buy_with_engine(row.scene);
  figures.took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return figures;
}

// In memory that the workers share with whoever prints.
struct Desk {
  std::atomic<std::size_t>& next;
  Figures* figures;  // of each row
};

template <typename Thing>
Thing* shared(std::size_t count) {
  auto* const memory =
      ::mmap(nullptr, count * sizeof(Thing), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error{"no memory to share"};
  return new (memory) Thing[count]{};
}

// A house has the whole process for itself.
[[noreturn]] void work(std::vector<Row> const& rows, Desk const& desk) try {
  for (auto at = desk.next++; at < rows.size(); at = desk.next++) desk.figures[at] = measure(rows[at]);
  std::exit(0);
} catch (std::exception const& error) {
  fmt::print(stderr, "wanspool-utilisation: {}\n", error.what());
  std::exit(70);
}

bool measure_all(std::vector<Row> const& rows, Desk const& desk, unsigned jobs) {
  std::vector<pid_t> workers;
  for (unsigned i = 0; i < jobs; ++i) {
    auto const pid = ::fork();
    if (pid == 0) work(rows, desk);
    workers.push_back(pid);
  }
  bool well = true;
  for (auto const pid : workers) {
    int status = 0;
    well = pid > 0 && ::waitpid(pid, &status, 0) == pid && status == 0 && well;
  }
  return well;
}

void print_json(Row const& row, Figures const& it) {
  auto const& scene = row.scene;
  fmt::print("{}\n", nlohmann::json{{"buyer", row.buyer()},
                                    {"service_seconds", scene.service.count() / 1000},
                                    {"slots", scene.slots},
                                    {"account", scene.refuses ? "refuses" : "queues"},
                                    {"tasks", it.tasks},
                                    {"creates_per_second", scene.creates},
                                    {"creates_in_flight", scene.creates_in_flight},
                                    {"queries_per_second", scene.queries},
                                    {"lists_per_second", scene.lists},
                                    {"finished", it.finished},
                                    {"steady", it.steady},
                                    {"makespan", it.makespan},
                                    {"polls_a_task", it.polls},
                                    {"lists_a_second", it.lists},
                                    {"queries_a_second", it.queries},
                                    {"lag_median", it.lag},
                                    {"lag_p95", it.lag_p95},
                                    {"refused_for_slots", it.refused_slots},
                                    {"refused_for_rate", it.refused_rate},
                                    {"real_seconds", it.took}}
                         .dump());
}

void print_table(std::vector<Row> const& rows, Desk const& desk) {
  fmt::print("{:22} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>9} {:>8}\n", "", "steady", "makespan",
             "polls", "lists", "queries", "lag", "lag", "429", "429");
  fmt::print("{:22} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>9} {:>8}\n", "", "use", "/ ideal", "a task",
             "a second", "a second", "median", "95 %", "slots", "rate");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto const& it = desk.figures[i];
    if (!rows[i].fixed) fmt::print("\n{}\n", rows[i].scene.words());
    fmt::print("{:22} {:>6.2f} % {:>8.3f} {:>8.2f} {:>8.2f} {:>9.2f} {:>6.2f} s {:>6.2f} s {:>9} {:>8}{}\n",
               rows[i].buyer(), 100 * it.steady, it.makespan, it.polls, it.lists, it.queries, it.lag,
               it.lag_p95, it.refused_slots, it.refused_rate, it.finished ? "" : "  not finished");
  }
}

bool is_enough(Row const& row, Figures const& it) {
  if (row.fixed || row.scene.slots != kFewSlots) return true;
  return it.steady >= (row.scene.refuses ? kLeastWhereRefused : kLeastWhereQueued);
}

int tell_utilisation(Wish const& wish) {
  auto const rows = rows_of(wish);
  Desk const desk{*shared<std::atomic<std::size_t>>(1), shared<Figures>(rows.size())};
  if (!measure_all(rows, desk, wish.jobs)) return 70;
  bool finished = true, enough = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (wish.json) print_json(rows[i], desk.figures[i]);
    finished = desk.figures[i].finished && finished;
    enough = (wish.tell_only || is_enough(rows[i], desk.figures[i])) && enough;
  }
  if (!wish.json) print_table(rows, desk);
  if (!wish.json && !enough)
    fmt::print(
        "\nwanspool has to use {:.1f} % of {} slots where the account queues and {:.1f} % where it "
        "refuses\n",
        100 * kLeastWhereQueued, kFewSlots, 100 * kLeastWhereRefused);
  return finished && enough ? 0 : 1;
}

std::string words_of(double length, Scene const& scene) {
  if (length < 0) return fmt::format("not within {} service times", kFairPatience);
  return fmt::format("{:.1f} s after it came, {:.2f} service times", length,
                     length * 1000 / static_cast<double>(scene.service.count()));
}

nlohmann::json or_null(double length) {
  return length < 0 ? nlohmann::json{} : nlohmann::json(length);
}

int tell_fairness(Wish const& wish) {
  for (auto const& scene : scenes_of(wish)) {
    auto const it = be_fair(scene);
    if (wish.json)
      fmt::print("{}\n", nlohmann::json{{"service_seconds", scene.service.count() / 1000},
                                        {"slots", scene.slots},
                                        {"account", scene.refuses ? "refuses" : "queues"},
                                        {"first_create", or_null(it.accepted)},
                                        {"last_end", or_null(it.ended)}}
                             .dump());
    else
      fmt::print(
          "{} s, {} slots, {}; 5000 jobs wait when a manifest of 3 comes\n  its first create: {}\n  its "
          "last end: {}\n",
          scene.service.count() / 1000, scene.slots, scene.refuses ? "refuses" : "queues",
          words_of(it.accepted, scene), words_of(it.ended, scene));
  }
  return 0;
}

int run(int count, char** words) {
  Wish wish;
  CLI::App app{"how much of an account's slots wanspool uses, in virtual time"};
  app.add_flag("--quick", wish.quick, "few slots and half the tasks");
  app.add_flag("--json", wish.json, "one object a line");
  app.add_flag("--fair", wish.fair, "when a small manifest gets its turn beside a large one; of 5 slots");
  app.add_flag("--engine-alone", wish.engine_alone, "without the fixed ways to do it");
  app.add_flag("--tell-only", wish.tell_only, "the exit code does not depend on what was used");
  app.add_option("--slots", wish.slots)->check(CLI::PositiveNumber);
  app.add_option("--service", wish.services, "medians in seconds")->check(CLI::PositiveNumber);
  app.add_option("--account", wish.account)->check(CLI::IsMember({"queues", "refuses"}));
  app.add_option("--tasks", wish.tasks)->check(CLI::PositiveNumber);
  app.add_option("--seed", wish.seed);
  app.add_option("--jobs", wish.jobs, "processes")->check(CLI::Range(1, 256));
  CLI11_PARSE(app, count, words);
  if (wish.fair && wish.slots.empty()) wish.slots = {kFewSlots};
  return wish.fair ? tell_fairness(wish) : tell_utilisation(wish);
}

}  // namespace
}  // namespace wanspool::bench

int main(int count, char** words) try {
  return wanspool::bench::run(count, words);
} catch (std::exception const& error) {
  fmt::print(stderr, "wanspool-utilisation: {}\n", error.what());
  return 70;
}
