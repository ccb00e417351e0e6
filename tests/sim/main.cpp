#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "sim/simulation.h"
#include "sim/soak.h"

// wanspool-sim --seeds A..B [--jobs N] [--verbose]: the whole house under one schedule of crashes, lost
// answers and faults for each seed. Ends with 1 if an invariant is broken under one of them.
// wanspool-sim --soak HOURS: one house that runs on and on, whose memory must not grow.
namespace wanspool::sim {
namespace {

constexpr char kUsage[] =
    "usage: wanspool-sim --seeds A..B [--jobs N] [--verbose]\n       wanspool-sim --soak HOURS\n";
// So few of them must at least have met a crash, a power cut and one during recovery.
constexpr std::int64_t kEnoughToTell = 200;
// One in so many is run twice, to see that it is the same.
constexpr std::uint64_t kTwice = 50;

struct Wish {
  std::uint64_t first = 1, last = 1000;
  unsigned jobs = 1;
  bool verbose = false;
  int soak = 0;  // hours
};

// In memory that the workers share with whoever counts.
struct Desk {
  std::uint64_t at = 0;
  Sums sums;
};

template <typename Number>
bool read(std::string_view text, Number& number) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_seeds(std::string_view text, Wish& wish) {
  auto const dots = text.find("..");
  if (dots == text.npos) return read(text, wish.first) && read(text, wish.last);
  return read(text.substr(0, dots), wish.first) && read(text.substr(dots + 2), wish.last) &&
         wish.first <= wish.last;
}

bool read_line(int count, char** words, Wish& wish) {
  for (int i = 1; i < count; ++i) {
    std::string_view const word = words[i], next = i + 1 < count ? words[i + 1] : "";
    if (word == "--verbose") {
      wish.verbose = true;
    } else if (word == "--seeds" && read_seeds(next, wish)) {
      ++i;
    } else if (word == "--jobs" && read(next, wish.jobs) && wish.jobs > 0 && wish.jobs <= 256) {
      ++i;
    } else if (word == "--soak" && read(next, wish.soak) && wish.soak > 0 && wish.soak <= 1000) {
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

void tell_failure(std::uint64_t seed, std::string const& why) {
  auto const text =
      fmt::format("seed {} broke: {}\n  replay: wanspool-sim --seeds {} --verbose\n", seed, why, seed);
  [[maybe_unused]] auto const written = ::write(STDOUT_FILENO, text.data(), text.size());
}

void one(std::uint64_t seed, Wish const& wish, Sums& sums) {
  auto const schedule = schedule_of(seed);
  auto outcome = simulate(schedule, wish.verbose);
  if (outcome.broken.empty() && seed % kTwice == 0 && simulate(schedule, false).trace != outcome.trace)
    outcome.broken = "a seed says the same every time: this one did not";
  sums += outcome.sums;
  if (outcome.broken.empty()) return;
  ++sums.failures;
  tell_failure(seed, outcome.broken);
}

[[noreturn]] void work(unsigned number, Wish const& wish, Desk& desk) {
  for (desk.at = wish.first + number; desk.at <= wish.last; desk.at += wish.jobs)
    one(desk.at, wish, desk.sums);
  std::exit(0);
}

Desk* shared_desks(unsigned count) {
  auto* const memory =
      ::mmap(nullptr, count * sizeof(Desk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    fmt::print(stderr, "wanspool-sim: no memory to share: {}\n", std::strerror(errno));
    std::exit(70);
  }
  for (unsigned i = 0; i < count; ++i) new (static_cast<Desk*>(memory) + i) Desk;
  return static_cast<Desk*>(memory);
}

Sums run_all(Wish const& wish) {
  auto* const desks = shared_desks(wish.jobs);
  std::vector<pid_t> workers;
  for (unsigned i = 0; i < wish.jobs; ++i) {
    auto const pid = ::fork();
    if (pid == 0) work(i, wish, desks[i]);
    workers.push_back(pid);
  }
  Sums sums;
  for (unsigned i = 0; i < wish.jobs; ++i) {
    int status = 0;
    if (workers[i] < 0 || ::waitpid(workers[i], &status, 0) < 0 || status != 0) {
      ++desks[i].sums.failures;
      tell_failure(desks[i].at, fmt::format("the program does not die: it did, wait status {}", status));
    }
    sums += desks[i].sums;
  }
  return sums;
}

// A run that met nothing proves nothing.
bool has_seen_enough(Sums const& sums) {
  return sums.seeds < kEnoughToTell ||
         (sums.crashes > 0 && sums.power_cuts > 0 && sums.in_recovery > 0 && sums.taken_back > 0 &&
          sums.doubts > 0 && sums.in_errand > 0 && sums.paused > 0 && sums.canceled > 0);
}

int run(int count, char** words) {
  Wish wish;
  if (!read_line(count, words, wish)) return fmt::print(stderr, kUsage), 2;
  if (wish.soak > 0) return soak(wish.soak) ? 0 : 1;
  auto const begin = std::chrono::steady_clock::now();
  auto const sums = run_all(wish);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  fmt::print("{}; {:.1f} s\n", sums.words(), took.count());
  if (has_seen_enough(sums)) return sums.failures == 0 ? 0 : 1;
  fmt::print(
      "no crash, no power cut, no doubt or nobody's wish among so many seeds: the simulation itself is "
      "broken\n");
  return 1;
}

}  // namespace
}  // namespace wanspool::sim

int main(int count, char** words) {
  return wanspool::sim::run(count, words);
}
