#include "sim/soak.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sqlite3.h>

#include <exception>
#include <filesystem>
#include <iterator>

#include "base/log.h"
#include "engine/house.h"
#include "sim/inspector.h"
#include "sim/weather.h"

namespace wanspool::sim {

using test::House;
using test::World;

namespace {

constexpr milliseconds kSlice{minutes{10}};
constexpr int kJobsASlice = 30;
constexpr int kTurnsALook = 50;
constexpr std::int64_t kGrowthMost = 256 << 10;

Schedule schedule_of_a_soak(int hours) {
  Schedule schedule;
  schedule.seed = 1;
  auto const slices = hours * 6;
  for (int slice = 0; slice < slices; ++slice)
    for (int i = 0; i < kJobsASlice; ++i)
      schedule.jobs.push_back({fmt::format("m{}", slice), fmt::format("job-{}", i),
                               fmt::format("kite {} of drop {}.", i, slice), 1 + (i % 10 == 0)});
  schedule.habits.list_delay = seconds{5};
  schedule.habits.skew = milliseconds{-700};
  schedule.habits.tardiness = milliseconds{900};
  schedule.habits.strangers = 0.05;
  schedule.habits.failures = 0.01;
  schedule.habits.ranges = 0.5;
  schedule.habits.own_pictures = true;
  schedule.habits.creates_per_second = 5;
  schedule.habits.queries_per_second = schedule.habits.lists_per_second = 20;
  schedule.service_least = seconds{60};
  schedule.service_most = seconds{100};
  schedule.latency_most = milliseconds{200};
  for (auto& share : schedule.troubles) share = 0.02;
  for (milliseconds begin = minutes{40}; begin < hours * minutes{60}; begin += minutes{110})
    schedule.outages.push_back({begin, begin + minutes{3}});
  schedule.storm = hours * minutes{60};
  return schedule;
}

// Bytes that are allocated, without SQLite's own, whose cache fills as it is used.
std::int64_t heap() {
  return static_cast<std::int64_t>(::mallinfo2().uordblks) - sqlite3_memory_used();
}

std::int64_t descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                       std::filesystem::directory_iterator{});
}

struct Held {
  std::int64_t bytes = 0, descriptors = 0;
  std::int64_t sqlite = 0;  // of all connections, the caches above all
};

class Soak {
 public:
  explicit Soak(int hours) : hours_{hours}, schedule_{schedule_of_a_soak(hours)} {
    world_.habits = schedule_.habits;
    world_.service_least = schedule_.service_least;
    world_.service_most = schedule_.service_most;
    world_.latency_most = schedule_.latency_most;
    world_.fault = [this](World::What what, int, Instant now) { return weather_.fault(what, now - begin_); };
  }

  bool run() {
    try {
      house_.open();
      for (int slice = 0; slice < hours_ * 6; ++slice) {
        auto const name = fmt::format("m{}", slice);
        house_.drop(name + ".yaml", manifest_of(schedule_, name));
        turn_until(begin_ + (slice + 1) * kSlice);
      }
      come_to_rest("y");
      inspector_.at_end();
      return compare();
    } catch (Broken const& it) {
      fmt::print("{}: {}\n", it.invariant, it.words);
    }
    return false;
  }

 private:
  void turn_until(Instant end) {
    while (world_.now() < end) {
      house_.engine->turn(end);
      if (++turns_ % kTurnsALook == 0) inspector_.after_turn();
    }
  }

  // After some more jobs, for the list to be believed about the last doubts, and for a new house to have done
  // each kind of work once.
  void come_to_rest(std::string const& name) {
    weather_.calm();
    house_.drop(name + ".yaml", House::manifest_of(kJobsASlice, name));
    turn_until(world_.now() + hours{2});
    if (!house_.run(hours{48})) throw Broken{"every job ends", "two days of calm were not enough"};
  }

  // What the house holds that is open now: what goes with it.
  Held held() {
    auto const bytes = heap(), files = descriptors(),
               sqlite = static_cast<std::int64_t>(sqlite3_memory_used());
    house_.close();
    world_.forget_flights();
    return {bytes - heap(), files - descriptors(), sqlite};
  }

  bool compare() {
    auto const old = held();
    house_.open();
    come_to_rest("z");
    inspector_.at_end();
    auto const fresh = held();
    auto const growth = old.bytes - fresh.bytes;
    fmt::print(
        "{} virtual hours: {} turns, {} creates, {} in doubt by their answer; {} jobs done ({} by adoption), "
        "{} failed, {} held; {} pictures, each charged once\n"
        "heap of the house: {} KiB, after a new start {} KiB; SQLite's: {} KiB, {} KiB; descriptors: {}, "
        "{}\n",
        hours_, turns_, world_.creates, weather_.doubts(), inspector_.done, inspector_.adopted,
        inspector_.failed, inspector_.held, inspector_.pictures, old.bytes >> 10, fresh.bytes >> 10,
        old.sqlite >> 10, fresh.sqlite >> 10, old.descriptors, fresh.descriptors);
    return growth < kGrowthMost && old.descriptors == fresh.descriptors;
  }

  int hours_;
  Schedule schedule_;
  World world_{1};
  Instant begin_ = world_.now();
  House house_{world_};
  Weather weather_{schedule_};
  Inspector inspector_{schedule_, {&world_}, house_};
  std::int64_t turns_ = 0;
};

}  // namespace

bool soak(int hours) {
  return Soak{hours}.run();
}

}  // namespace wanspool::sim
