#include "sim/errands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/glob.h"

namespace wanspool::sim {
namespace {

using Weighted = std::pair<int, char const*>;

// The manifest once more is a file like the others.
constexpr Weighted kVerbs[] = {{6, "cancel"}, {4, "retry"},    {4, "pause"},
                               {2, "resume"}, {2, "priority"}, {1, "drop"}};
// M: a manifest, J: one of its jobs, @: the one whose create just leaves. What none of its words mean, and
// what lacks the words that it needs, is to be rejected.
constexpr Weighted kForms[] = {{8, "M/J"}, {3, "M"},          {2, "M/job-*"},     {2, "**"}, {5, "@"},
                               {1, "*/J"}, {1, "M/J nobody"}, {1, "nobody x/*y"}, {2, ""}};
constexpr Weighted kLevels[] = {{1, "high"}, {1, "normal"}, {1, "low"}};
// While most jobs are on their way.
constexpr milliseconds kBusy{minutes{2}};

template <typename Table>
std::string pick(Table const& table, Dice& dice) {
  auto const all = std::accumulate(std::begin(table), std::end(table), 0,
                                   [](int sum, Weighted const& each) { return sum + each.first; });
  auto at = dice.between(1, all);
  auto const* row = std::begin(table);
  while ((at -= row->first) > 0) ++row;
  return row->second;
}

std::vector<std::string> words_of(std::string const& form, Job const& job) {
  std::vector<std::string> words;
  std::string word;
  for (auto const each : form + " ") {
    if (each == 'M')
      word += job.manifest;
    else if (each == 'J')
      word += job.id;
    else if (each != ' ')
      word += each;
    else if (!word.empty())
      words.push_back(std::exchange(word, {}));
  }
  return words;
}

Errand draw_wish(Schedule const& schedule, Dice& dice) {
  auto const& job = dice.one_of(schedule.jobs);
  Errand errand;
  errand.verb = pick(kVerbs, dice);
  errand.words = words_of(errand.verb == "drop" ? "M" : pick(kForms, dice), job);
  if (errand.verb == "retry") errand.failed = errand.words.empty() || dice.happens(0.3);
  if (errand.verb == "priority") errand.level = pick(kLevels, dice);
  return errand;
}

// A person who comes back to something, or whose file comes twice.
Errand draw_one(Schedule const& schedule, Dice& dice) {
  auto errand = draw_wish(schedule, dice);
  bool const more = !schedule.errands.empty();
  if (more && errand.verb != "drop" && dice.happens(0.3)) errand.words = schedule.errands.back().words;
  if (dice.happens(0.5)) errand.id = fmt::format("wish-{}", schedule.errands.size());
  if (more && dice.happens(0.15)) errand = dice.one_of(schedule.errands);
  errand.at =
      dice.between(milliseconds{0}, dice.happens(0.8) ? std::min(kBusy, schedule.storm) : schedule.storm);
  auto const creates = static_cast<std::int64_t>(schedule.jobs.size());
  bool const its = errand.words == std::vector<std::string>{"@"};
  errand.creates = its || dice.happens(0.6) ? static_cast<int>(dice.between(1, creates)) : 0;
  if (its) errand.at = schedule.storm;
  errand.crash = dice.happens(0.2) ? static_cast<int>(dice.between(1, 25)) : 0;
  errand.power_cut = dice.happens(0.6);
  return errand;
}

}  // namespace

void draw_errands(Schedule& schedule, Dice& dice) {
  if (dice.happens(0.5)) return;
  // Some of what was sent is to wait there.
  schedule.slots = static_cast<int>(dice.between(1, 5));
  for (auto count = dice.between(1, 7); count > 0; --count)
    schedule.errands.push_back(draw_one(schedule, dice));
}

std::string text_of(Errand const& errand) {
  auto text = "command: " + errand.verb + "\n";
  if (!errand.id.empty()) text += "id: " + errand.id + "\n";
  if (errand.failed) text += "failed: true\n";
  if (!errand.level.empty()) text += "priority: " + errand.level + "\n";
  if (!errand.words.empty()) text += fmt::format("jobs: ['{}']\n", fmt::join(errand.words, "', '"));
  return text;
}

bool means(Errand const& errand, std::string const& job) {
  return std::any_of(errand.words.begin(), errand.words.end(), [&](std::string const& word) {
    return word.find('*') != word.npos ? glob_matches(word, job) : job == word || job.starts_with(word + "/");
  });
}

}  // namespace wanspool::sim
