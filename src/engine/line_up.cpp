#include "engine/line_up.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace wanspool {
namespace {

// Drops that are looked at together; more of them where nothing of these may be bought.
constexpr std::size_t kLines = 256;
constexpr std::size_t kGreatMany = 4096;

// Those of the highest priority; the lines are in its order.
std::span<Line const> first_rank(std::vector<Line> const& lines) {
  auto const rank = lines.front().rank;
  auto const end =
      std::find_if(lines.begin(), lines.end(), [&](Line const& line) { return line.rank != rank; });
  return {lines.begin(), end};
}

class LiningUp {
 public:
  LiningUp(Store& store, std::string const& model, std::size_t most,
           std::function<bool(std::int64_t)> const& except, Rooms const& rooms)
      : store_{store}, model_{model}, most_{most}, except_{except}, rooms_{rooms} {}

  LineUp of(std::vector<Line> lines, Turns turns) {
    LineUp result;
    while (result.tasks.size() < most_ && !lines.empty()) {
      auto const index = turns.next(first_rank(lines));
      auto& line = lines[index];
      auto& tasks = tasks_of(line);
      if (tasks.empty()) {
        drop_empty(lines, index);
        continue;
      }
      turns.took(index > 0);
      if (index > 0) result.ahead.insert(tasks.front().id);
      result.tasks.push_back(std::move(tasks.front()));
      tasks.pop_front();
      --line.left;
    }
    return result;
  }

 private:
  // With those that follow it and have nothing either: one person at a cap may have dropped thousands.
  void drop_empty(std::vector<Line>& lines, std::size_t index) {
    auto const first = lines.begin() + static_cast<std::ptrdiff_t>(index);
    lines.erase(first, std::find_if(first + 1, lines.end(),
                                    [&](Line const& line) { return !tasks_of(line).empty(); }));
  }
  // Each is read once.
  std::deque<Task>& tasks_of(Line const& line) {
    auto const [found, fresh] = read_.try_emplace({line.rank, line.drop});
    if (fresh)
      for (auto& task : store_.queued_in(model_, line, most_, except_, rooms_))
        found->second.push_back(std::move(task));
    return found->second;
  }

  Store& store_;
  std::string const& model_;
  std::size_t most_;
  std::function<bool(std::int64_t)> const& except_;
  Rooms const& rooms_;
  std::map<std::pair<Priority, std::int64_t>, std::deque<Task>> read_;
};

}  // namespace

LineUp line_up(Store& store, std::string const& model, Turns turns, std::size_t most,
               std::function<bool(std::int64_t)> const& except, Rooms const& rooms) {
  LiningUp lining_up{store, model, most, except, rooms};
  for (auto looked_at = kLines;; looked_at *= 4) {
    auto lines = store.lines(model, looked_at);
    bool const all = lines.size() < looked_at;
    auto const drops = lines.size();
    auto result = lining_up.of(std::move(lines), turns);
    result.drops = drops;
    if (all || !result.tasks.empty()) return result;
    // To ask for any at all takes far less than to go through each drop.
    if (looked_at == kLines && store.queued(model, 1, except, rooms).empty()) {
      result.drops = kGreatMany;
      return result;
    }
  }
}

}  // namespace wanspool
