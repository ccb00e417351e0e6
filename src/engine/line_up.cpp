#include "engine/line_up.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace wanspool {
namespace {

// Whoever drops more manifests than that waits with the newest until some of the oldest are done.
constexpr std::size_t kLines = 256;

// Those of the highest priority; the lines are in its order.
std::span<Line const> first_rank(std::vector<Line> const& lines) {
  auto const rank = lines.front().rank;
  auto const end =
      std::find_if(lines.begin(), lines.end(), [&](Line const& line) { return line.rank != rank; });
  return {lines.begin(), end};
}

}  // namespace

LineUp line_up(Store& store, std::string const& model, Turns turns, std::size_t most,
               std::function<bool(std::int64_t)> const& except, Rooms const& rooms) {
  LineUp result;
  auto lines = store.lines(model, kLines);
  std::map<std::pair<Priority, std::int64_t>, std::deque<Task>> read;
  while (result.tasks.size() < most && !lines.empty()) {
    auto const index = turns.next(first_rank(lines));
    auto& line = lines[index];
    auto const [found, fresh] = read.try_emplace({line.rank, line.drop});
    auto& tasks = found->second;
    if (fresh)
      for (auto& task : store.queued_in(model, line, most, except, rooms)) tasks.push_back(std::move(task));
    if (tasks.empty()) {
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(index));
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

}  // namespace wanspool
