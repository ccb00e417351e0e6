#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "app/top.h"
#include "app/words.h"
#include "base/harmless.h"

namespace wanspool::app {
namespace {

enum class Style { Plain, Title, Head, Warning, Bad };

char const* code_of(Style style) {
  switch (style) {
    case Style::Plain:
      return "";
    case Style::Title:
      return "\x1b[1m";
    case Style::Head:
      return "\x1b[7m";
    case Style::Warning:
      return "\x1b[33m";
    case Style::Bad:
      return "\x1b[31m";
  }
  return "";
}

std::string shortened(std::string const& line, int columns) {
  if (columns_of(line) <= columns) return line;
  return columns < 1 ? std::string{} : cut_to(line, columns - 1) + "…";
}

std::string blanks(int columns) {
  return std::string(static_cast<std::size_t>(std::max(0, columns)), ' ');
}

// A cell of exactly so many columns.
std::string left(std::string const& text, int columns) {
  auto const cell = shortened(harmless(text), columns);
  return cell + blanks(columns - columns_of(cell));
}

std::string right(std::string const& text, int columns) {
  auto const cell = shortened(harmless(text), columns);
  return blanks(columns - columns_of(cell)) + cell;
}

class Page {
 public:
  Page(int columns, int rows, Colours colours) : columns_{columns}, room_{rows}, colours_{colours} {}

  int columns() const { return columns_; }
  int room() const { return room_; }
  void add(std::string const& text, Style style = Style::Plain) {
    if (room_ <= 0) return;
    --room_;
    auto line = shortened(harmless(text), columns_);
    line.erase(line.find_last_not_of(' ') + 1);
    if (colours_ == Colours::Yes && style == Style::Head) line = left(line, columns_);
    bool const plain = colours_ == Colours::No || style == Style::Plain;
    text_ += (plain ? line : code_of(style) + line + "\x1b[0m") + "\n";
  }
  std::string const& text() const { return text_; }

 private:
  int columns_, room_;
  Colours colours_;
  std::string text_;
};

// "10:12:01", or "11-24 10:12" on another day.
std::string short_time(Instant at, Instant now) {
  auto const near = near_time(at, now);
  return near.size() > 8 && near[2] == ':' ? near.substr(0, 8) : local_minute(at).substr(5);
}

std::string amounts(LedgerRow const& row) {
  auto text = fmt::format("{}, reserved {}", decimal(row.spent), decimal(row.reserved));
  return row.uncertain > Money{} ? text + ", uncertain " + decimal(row.uncertain) : text;
}

void add_title(Page& page, View const& view) {
  auto const time = local_time(view.now);
  auto const who = view.keeper.pid > 0 ? fmt::format(", daemon {}", view.keeper.pid) : std::string{};
  auto const room = page.columns() - columns_of(time) - 2;
  page.add(left("wanspool top: " + view.root + who, room) + "  " + time, Style::Title);
}

void add_sums(Page& page, View const& view) {
  auto const& tally = view.tally;
  auto tasks = fmt::format("tasks  done {}, running {}, waiting {}, failed {}", tally[State::Done],
                           running(tally), tally[State::Queued], tally[State::Failed]);
  for (auto const state : {State::Canceled, State::Held})
    if (tally[state] > 0) tasks += fmt::format(", {} {}", name_of(state), tally[state]);
  Instant last;
  for (auto const& lane : view.lanes) last = std::max(last, lane.done_by);
  if (last > view.now) tasks += "; all here in " + human(last - view.now);
  if (view.inbox > 0) tasks += "; inbox: " + count_of(view.inbox, "file");
  page.add(tasks);
  page.add(
      fmt::format("money  today {}; month {} {}", amounts(view.today), amounts(view.month), view.currency));
}

void add_concerns(Page& page, View const& view, int most) {
  auto const& all = view.concerns;
  auto const shown = static_cast<int>(all.size()) <= most ? static_cast<int>(all.size()) : most - 1;
  for (int i = 0; i < shown; ++i) page.add(all[static_cast<std::size_t>(i)], Style::Warning);
  auto const more = static_cast<int>(all.size()) - shown;
  if (more > 0) page.add(fmt::format("… and {} more: wanspool status", more), Style::Warning);
}

// "5/5 +3": slots that are taken, slots, and what was sent beyond them.
std::string slots_of(LaneFacts const& lane) {
  if (lane.slots == 0) return std::to_string(lane.outstanding);
  auto const taken = std::min<std::int64_t>(lane.outstanding, lane.slots);
  auto text = fmt::format("{}/{}", taken, lane.slots);
  return lane.outstanding > taken ? text + fmt::format(" +{}", lane.outstanding - taken) : text;
}

std::string rate(double of) {
  return of > 0 ? fmt::format("{:.2f}", of) : "-";
}

constexpr std::array kWidths{9, 7, 12, 11, 6, 10, 10};

std::string lane_line(std::string const& name, int width,
                      std::array<std::string, kWidths.size()> const& cells) {
  auto line = left(name, width);
  for (std::size_t i = 0; i < cells.size(); ++i) line += right(cells.at(i), kWidths.at(i));
  return line;
}

std::string lane_line(LaneFacts const& lane, int width, Instant now) {
  return lane_line(
      name_of(lane.row.key()), width,
      {slots_of(lane), std::to_string(lane.waiting),
       lane.done_by == Instant{} ? "-" : short_time(lane.done_by, now),
       lane.median.count() > 0 ? human(lane.median) : "-",
       lane.busy ? fmt::format("{:.0f} %", *lane.busy * 100) : "-", rate(lane.creates), rate(lane.queries)});
}

// Nothing is to be said of it; what stops its account stands above.
bool is_idle(LaneFacts const& lane) {
  auto const kind = lane.row.weather.kind;
  return lane.outstanding + lane.waiting == 0 && lane.creates <= 0 &&
         (kind == Weather::Kind::Fair || kind == Weather::Kind::Account);
}

void add_lanes(Page& page, View const& view, int most) {
  if (view.lanes.empty() || page.room() < 2) return;
  auto lanes = view.lanes;
  // The first one stands for all where all are idle.
  if (std::any_of(lanes.begin(), lanes.end(), [](auto const& each) { return !is_idle(each); }))
    std::erase_if(lanes, is_idle);
  else
    lanes.resize(1);
  std::stable_partition(lanes.begin(), lanes.end(),
                        [](LaneFacts const& each) { return each.outstanding + each.waiting > 0; });
  if (static_cast<int>(lanes.size()) > most) lanes.resize(static_cast<std::size_t>(most));
  auto const more = view.lanes.size() - lanes.size();
  int longest = 12;
  for (auto const& each : lanes) longest = std::max(longest, columns_of(name_of(each.row.key())));
  auto const rest = page.columns() - std::accumulate(kWidths.begin(), kWidths.end(), 0);
  auto const width = std::min(longest, std::max(12, rest));
  page.add(lane_line(more > 0 ? fmt::format("LANE (+{})", more) : "LANE", width,
                     {"SLOTS", "WAIT", "ALL HERE", "TASK", "BUSY", "CREATES/s", "QUERIES/s"}),
           Style::Head);
  for (auto const& each : lanes)
    page.add(lane_line(each, width, view.now),
             each.row.weather.kind == Weather::Kind::Fair ? Style::Plain : Style::Warning);
}

std::string expected_words(View::Running const& job, Instant now) {
  if (!job.expected) return "-";
  return *job.expected - now >= seconds{1} ? "in " + human(*job.expected - now) : "any moment";
}

void add_running(Page& page, View const& view, std::size_t most) {
  constexpr int kWhat = 14, kTime = 13;
  int width = 20;
  for (std::size_t i = 0; i < most; ++i) width = std::max(width, columns_of(harmless(view.running[i].job)));
  width = std::min(width, std::max(10, page.columns() - kWhat - 2 * kTime - 2));
  auto const line = [&](std::string const& job, std::string const& what, std::string const& since,
                        std::string const& end) {
    return left(job, width) + "  " + left(what, kWhat) + left(since, kTime) + end;
  };
  page.add(line(fmt::format("RUNNING: {}", running(view.tally)), "", "FOR", "EXPECTED"), Style::Head);
  for (std::size_t i = 0; i < most; ++i) {
    auto const& each = view.running[i];
    page.add(line(each.job, each.what, each.since == Instant{} ? "-" : human(view.now - each.since),
                  expected_words(each, view.now)));
  }
}

void add_over(Page& page, std::string const& title, std::vector<View::Over> const& jobs, Instant now,
              std::size_t most, Style style) {
  constexpr int kTime = 13;
  page.add(title, Style::Head);
  int width = 0;
  for (std::size_t i = 0; i < most; ++i) width = std::max(width, columns_of(harmless(jobs[i].job)));
  width = std::max(10, std::min(width, (page.columns() - kTime) / 2));
  for (std::size_t i = 0; i < most; ++i)
    page.add(left(short_time(jobs[i].at, now), kTime) + left(jobs[i].job, width) + "  " + jobs[i].words,
             style);
}

// How many of each list are shown, with a line above it: as many lines as there are, shared out one by one.
template <std::size_t N>
std::array<std::size_t, N> shared_out(int lines, std::array<std::size_t, N> const& wanted) {
  std::array<std::size_t, N> given{};
  for (bool gives = true; std::exchange(gives, false);)
    for (std::size_t i = 0; i < N; ++i) {
      int const cost = given.at(i) == 0 ? 2 : 1;
      if (given.at(i) == wanted.at(i) || lines < cost) continue;
      lines -= cost;
      ++given.at(i);
      gives = true;
    }
  return given;
}

}  // namespace

std::string frame(View const& view, int columns, int rows, Colours colours) {
  Page page{std::max(1, columns), rows, colours};
  add_title(page, view);
  add_sums(page, view);
  add_concerns(page, view, std::max(1, rows / 4));
  add_lanes(page, view, std::max(1, rows / 3));
  auto const [running, failed, done] =
      shared_out<3>(page.room(), {view.running.size(), view.failed.size(), view.done.size()});
  if (running > 0) add_running(page, view, running);
  if (failed > 0)
    add_over(page, fmt::format("FAILED: {}", view.tally[State::Failed]), view.failed, view.now, failed,
             Style::Bad);
  if (done > 0)
    add_over(page, fmt::format("DONE: {}", view.tally[State::Done]), view.done, view.now, done, Style::Plain);
  return page.text();
}

}  // namespace wanspool::app
