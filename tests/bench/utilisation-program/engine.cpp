#include <algorithm>

#include "bench/utilisation-program/buyers.h"
#include "engine/house.h"

namespace wanspool::bench {
namespace {

constexpr char kModel[] = "wan2.6-t2i";
constexpr int kQueued = 5000;
constexpr milliseconds kHeadStart{100'000};

void set_up(test::House& house, Scene const& scene) {
  auto& limits = house.config.limits[kModel];
  limits.creates_per_second = scene.creates;
  limits.slots = scene.slots;
  limits.creates_in_flight = scene.creates_in_flight;
  house.config.queries_per_second = scene.queries;
  house.config.lists_per_second = scene.lists;
}

template <typename Enough>
void turn_until(test::House& house, Instant end, Enough const& enough) {
  while (house.world.now() < end && !enough()) house.engine->turn(end);
}

double since(Instant begin, Instant at) {
  return at == Instant{} ? -1 : static_cast<double>((at - begin).count()) / 1000;
}

}  // namespace

Figures buy_with_engine(Scene const& scene) {
  test::World world{scene.seed};
  set_up(world, scene);
  test::House house{world};
  set_up(house, scene);
  house.open();
  house.drop("many.yaml", test::House::manifest_of(scene.tasks));
  house.run();
  return figures_of(world, scene);
}

Fairness be_fair(Scene const& scene) {
  test::World world{scene.seed};
  set_up(world, scene);
  test::House house{world};
  set_up(house, scene);
  house.open();
  house.drop("many.yaml", test::House::manifest_of(kQueued));
  turn_until(house, world.now() + kHeadStart, [] { return false; });
  auto const begin = world.now();
  house.drop("three.yaml", test::House::manifest_of(3, "a boat"));
  Fairness fairness;
  std::size_t seen = 0, mine = 0;
  turn_until(house, begin + scene.service * kFairPatience, [&] {
    for (; seen < world.tasks().size(); ++seen) {
      auto const& task = world.tasks()[seen];
      if (task.body.find("a boat") == task.body.npos) continue;
      if (mine++ == 0) fairness.accepted = since(begin, task.accepted);
      fairness.ended = std::max(fairness.ended, since(begin, task.ends));
    }
    return mine == 3;
  });
  if (mine < 3) fairness.ended = -1;
  return fairness;
}

}  // namespace wanspool::bench
