#include "app/service_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace wanspool::app {
namespace {

void add(std::string& line, std::string_view name, std::int64_t number) {
  if (number > 0) line += fmt::format(", {} {}", name, number);
}

// How long it may last without anybody's doing.
int badness(Weather::Kind kind) {
  switch (kind) {
    case Weather::Kind::Fair:
      return 0;
    case Weather::Kind::Doubtful:
      return 1;
    case Weather::Kind::Throttled:
      return 2;
    case Weather::Kind::Unreachable:
      return 3;
    case Weather::Kind::OutOfQuota:
      return 4;
    case Weather::Kind::Account:
      return 5;
  }
  return 0;
}

std::string today_words(Service const& service) {
  auto const& [pictures, cost] = service.today;
  auto text = "today " + decimal(cost);
  if (service.cap.cost) text += " of " + decimal(*service.cap.cost);
  text += " " + service.progress.currency;
  if (service.cap.pictures) text += fmt::format(" and {} of {} pictures", pictures, *service.cap.pictures);
  return text;
}

}  // namespace

std::string worst_weather(std::vector<LaneRow> lanes, Instant now) {
  std::erase_if(lanes, [](LaneRow const& each) { return each.weather.kind == Weather::Kind::Fair; });
  if (lanes.empty()) return {};
  auto const worst = std::max_element(lanes.begin(), lanes.end(), [](LaneRow const& a, LaneRow const& b) {
    return badness(a.weather.kind) < badness(b.weather.kind);
  });
  auto const words = weather_words({*worst}, now);
  return lanes.size() == 1 ? words : fmt::format("{} (and {} more)", words, lanes.size() - 1);
}

std::string service_line(Service const& service) {
  auto const& progress = service.progress;
  auto const& tally = progress.tally;
  auto line = fmt::format("tasks done {}, running {}, waiting {}", tally[State::Done], running(tally),
                          tally[State::Queued]);
  add(line, "failed", tally[State::Failed]);
  add(line, "canceled", tally[State::Canceled]);
  add(line, "held", tally[State::Held]);
  line += " | " + today_words(service);
  if (progress.left.count() > 0) line += " | " + human(progress.left) + " left";
  if (progress.inbox > 0) line += " | inbox: " + count_of(progress.inbox, "file");
  if (!progress.hinders.empty()) line += " | waits: " + progress.hinders;
  return line;
}

}  // namespace wanspool::app
