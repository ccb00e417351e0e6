#include "bench/utilisation-program/scene.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

namespace wanspool::bench {
namespace {

constexpr double kSigma = 0.15;

}  // namespace

std::string Scene::words() const {
  return fmt::format(
      "{} s, {} slots, {}: {} tasks; creates {}/s, {} in flight; queries {}/s, lists {}/s; round trip 50 ms",
      service.count() / 1000, slots, refuses ? "refuses" : "queues", tasks, creates, creates_in_flight,
      queries, lists);
}

Scene scene_of(milliseconds service, int slots, bool refuses, int tasks, unsigned seed) {
  Scene scene{service, slots, refuses, tasks, seed};
  if (slots <= 100) return scene;
  // As far as twenty queries a second carry, and further.
  bool const many = slots > 20 * service.count() / 1000;
  scene.creates = 60;
  scene.creates_in_flight = 4;
  if (many) scene.queries = 120;
  return scene;
}

// Box and Muller's way, for a distribution of the library differs from one library to the next.
std::vector<milliseconds> services_of(Scene const& scene) {
  std::mt19937_64 random{scene.seed};
  auto const share = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  std::vector<milliseconds> services;
  for (int i = 0; i < scene.tasks; ++i) {
    auto const radius = std::sqrt(-2 * std::log(share()));
    auto const normal = radius * std::cos(2 * 3.141592653589793 * share());
    services.emplace_back(
        std::llround(static_cast<double>(scene.service.count()) * std::exp(kSigma * normal)));
  }
  return services;
}

void set_up(test::World& world, Scene const& scene) {
  world.slots = scene.slots;
  world.latency_least = milliseconds{40};
  world.latency_most = milliseconds{60};
  world.habits.refuses = scene.refuses;
  world.habits.creates_per_second = scene.creates;
  world.habits.queries_per_second = scene.queries;
  world.habits.lists_per_second = scene.lists;
  world.service = [services = services_of(scene), taken = std::size_t{0}](std::mt19937_64&) mutable {
    return services[taken++ % services.size()];
  };
}

}  // namespace wanspool::bench
