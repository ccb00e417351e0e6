#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <queue>

#include "bench/utilisation-program/buyers.h"

namespace wanspool::bench {
namespace {

using nlohmann::json;

constexpr milliseconds kAgain{1000};
constexpr char kBase[] = "http://127.0.0.1:1/api/v1";

struct Caller {
  std::string task_id;  // that it waits for
  std::string body;     // that was refused, or is unanswered
  std::size_t asked = 0;
};

class Buying {
 public:
  Buying(Scene const& scene, Fixed const& fixed) : scene_{scene}, fixed_{fixed}, world_{scene.seed} {
    set_up(world_, scene);
    callers_.resize(static_cast<std::size_t>(fixed.callers));
    for (std::size_t i = 0; i < callers_.size(); ++i) dues_.emplace(world_.now(), i);
  }

  test::World const& buy() {
    while (ended_ < scene_.tasks) {
      for (; !dues_.empty() && dues_.top().first <= world_.now(); dues_.pop()) act(dues_.top().second);
      for (auto const& reply : world_.wait(dues_.empty() ? Instant::max() : dues_.top().first, {})) {
        auto const number = static_cast<std::size_t>(reply.ticket);
        if (auto const wait = hear(callers_[number], reply)) dues_.emplace(world_.now() + *wait, number);
      }
    }
    return world_;
  }

 private:
  void act(std::size_t number) {
    auto& caller = callers_[number];
    Request request;
    request.ticket = number;
    if (!caller.task_id.empty()) {
      request.url = fmt::format("{}/tasks/{}", kBase, caller.task_id);
    } else {
      if (caller.body.empty() && created_ == scene_.tasks) return;
      if (caller.body.empty())
        caller.body =
            json{{"model", "wan2.6-t2i"}, {"parameters", {{"n", 1}}}, {"number", ++created_}}.dump();
      request.method = Method::Post;
      request.url = fmt::format("{}/services/aigc/image-generation/generation", kBase);
      request.body = caller.body;
    }
    world_.start(std::move(request));
  }

  // How long it waits before it acts again.
  std::optional<milliseconds> hear(Caller& caller, Reply const& reply) {
    if (caller.task_id.empty()) {
      if (reply.status != 200) return kAgain;
      caller = {json::parse(reply.body)["output"]["task_id"], {}, 0};
    } else if (reply.body.find("\"SUCCEEDED\"") != reply.body.npos) {
      ++ended_;
      caller = {};
      return milliseconds{0};
    }
    return fixed_.waits[std::min(caller.asked++, fixed_.waits.size() - 1)];
  }

  using Due = std::pair<Instant, std::size_t>;

  Scene const& scene_;
  Fixed const& fixed_;
  test::World world_;
  std::vector<Caller> callers_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> dues_;
  int created_ = 0, ended_ = 0;
};

}  // namespace

std::vector<Fixed> fixed_ones(Scene const& scene) {
  std::vector<milliseconds> sdk;
  for (auto const wait : {1, 1, 1, 2, 2, 2, 4, 4, 4, 5}) sdk.emplace_back(seconds{wait});
  std::vector<Fixed> ones;
  for (auto const wait : {5, 10, 15})
    ones.push_back(
        {fmt::format("{} out, {} s polls", scene.slots, wait), scene.slots, {milliseconds{seconds{wait}}}});
  for (auto const callers : {scene.slots, scene.slots * 8 / 5})
    ones.push_back({fmt::format("SDK, {} callers", callers), callers, sdk});
  return ones;
}

Figures buy_fixed(Scene const& scene, Fixed const& fixed) {
  Buying buying{scene, fixed};
  return figures_of(buying.buy(), scene);
}

}  // namespace wanspool::bench
