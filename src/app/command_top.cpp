#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/full_screen.h"
#include "app/screen.h"
#include "app/signals.h"
#include "app/top.h"
#include "app/words.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool top
  wanspool top --once | head -5
  wanspool top --json | jq -r '.running[] | .job + " " + .expected'

Keys: q leaves; p or the space bar stops the drawing and goes on with it. With --once, or where the output is no
terminal, it prints one page, of 80 columns and 24 lines or as COLUMNS and LINES say, and ends. Works beside a daemon
and without one, and changes nothing. NO_COLOR takes the colours away. --json prints the page as one document, with a
hundred at most of what runs, is done and has failed.)";

constexpr seconds kEvery{1};
constexpr std::size_t kInJson = 100;
constexpr int kRowsWithKeys = 12;  // a terminal that is lower has no line to spare for them

struct Options {
  Where where;
  bool once = false, json = false;
};

int number_in(char const* variable, int otherwise) {
  auto const* const text = std::getenv(variable);
  auto const number = text ? std::atoi(text) : 0;
  return number > 0 ? std::min(number, 10'000) : otherwise;
}

Colours wanted_colours() {
  auto const* const no = std::getenv("NO_COLOR");
  return no && *no ? Colours::No : Colours::Yes;
}

// Draws until a key or a signal ends it.
class Top {
 public:
  explicit Top(Context const& context) : lookout_{context} {}

  // The signal that ended it; 0: a key did, or nobody is there any more.
  int run() {
    FullScreen screen{STDIN_FILENO, STDOUT_FILENO};
    while (draw(screen)) {
      wait(screen.keys());
      if (int const signal = signals_.take(); signal != 0 && signal != SIGWINCH) return signal;
      if (keys_are_there_ && !take(screen.take_keys())) return 0;
    }
    return 0;
  }

 private:
  bool draw(FullScreen& screen) {
    auto const size = screen.size();
    if (auto const now = clock_.now(); !is_stopped_ && now >= next_) {
      view_ = lookout_.look(now, static_cast<std::size_t>(size.rows));
      // What takes long is done more rarely, so that it never costs more than a twentieth.
      next_ = now + std::max<milliseconds>(kEvery, (clock_.now() - now) * 20);
    }
    // The last column stays free: some terminals wrap as soon as it is written.
    bool const tells = is_stopped_ || (screen.keys() >= 0 && size.rows >= kRowsWithKeys);
    auto lines = frame(view_, size.columns - 1, size.rows - (tells ? 1 : 0), wanted_colours());
    std::string const words = is_stopped_ ? "stopped; p goes on, q leaves" : "q leaves, p stops the drawing";
    if (tells) lines += cut_to(words, size.columns - 1) + "\n";
    return screen.draw(lines);
  }
  void wait(int keys) {
    std::array<pollfd, 2> both{{{signals_.fd(), POLLIN, 0}, {keys, POLLIN, 0}}};
    auto const left = std::max<milliseconds>(next_ - clock_.now(), milliseconds{0});
    ::poll(both.data(), both.size(), is_stopped_ ? -1 : static_cast<int>(left.count()));
    keys_are_there_ = both[1].revents != 0;
  }
  // False where they say to leave.
  bool take(std::string const& keys) {
    if (keys.empty()) return false;
    for (auto const key : keys) {
      if (key == 'q' || key == 'Q') return false;
      if (key == 'p' || key == 'P' || key == ' ') is_stopped_ = !is_stopped_;
    }
    return true;
  }

  BootClock clock_;
  Signals signals_{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
  Lookout lookout_;
  View view_;
  Instant next_;
  bool is_stopped_ = false, keys_are_there_ = false;
};

using json = nlohmann::ordered_json;

json money_json(LedgerRow const& row) {
  return {{"spent", decimal(row.spent)},
          {"reserved", decimal(row.reserved)},
          {"uncertain", decimal(row.uncertain)}};
}

json running_json(std::vector<View::Running> const& jobs) {
  auto list = json::array();
  for (auto const& each : jobs)
    list.push_back({{"job", each.job},
                    {"what", each.what},
                    {"since", each.since == Instant{} ? json(nullptr) : json(rfc3339(each.since))},
                    {"expected", each.expected ? json(rfc3339(*each.expected)) : json(nullptr)}});
  return list;
}

json over_json(std::vector<View::Over> const& jobs) {
  auto list = json::array();
  for (auto const& each : jobs)
    list.push_back({{"job", each.job}, {"at", rfc3339(each.at)}, {"text", each.words}});
  return list;
}

std::string json_of(View const& view) {
  json tasks;
  for (int state = 0; state < kStates; ++state)
    tasks[std::string{name_of(State{state})}] = view.tally[State{state}];
  auto lanes = json::array();
  for (auto const& each : view.lanes) lanes.push_back(json::parse(json_of_lane(each)));
  return json{
      {"schema", 1},
      {"at", rfc3339(view.now)},
      {"root", view.root},
      {"daemon",
       {{"running", view.keeper.is_there},
        {"pid", view.keeper.pid > 0 ? json(view.keeper.pid) : json(nullptr)}}},
      {"tasks", std::move(tasks)},
      {"inbox", view.inbox},
      {"cost",
       {{"today", money_json(view.today)}, {"month", money_json(view.month)}, {"currency", view.currency}}},
      {"concerns", view.concerns},
      {"lanes", std::move(lanes)},
      {"running", running_json(view.running)},
      {"failed", over_json(view.failed)},
      {"done", over_json(view.done)}}
      .dump(2, ' ', false, json::error_handler_t::replace);
}

int top(Options const& options) {
  auto const context = open_context(options.where);
  if (options.json) {
    std::printf("%s\n", json_of(Lookout{context}.look(BootClock{}.now(), kInJson)).c_str());
    return kFine;
  }
  if (!options.once && Screen::mode_of(stdout) == Screen::Mode::Live) {
    int const signal = Top{context}.run();
    return signal == 0 ? int{kFine} : (leave_by(signal), int{kFailed});
  }
  auto const rows = number_in("LINES", 24);
  auto const view = Lookout{context}.look(BootClock{}.now(), static_cast<std::size_t>(rows));
  std::fputs(frame(view, number_in("COLUMNS", 80), rows).c_str(), stdout);
  return kFine;
}

}  // namespace

void add_top(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("top", "Lanes, what runs, what is done and what failed, live in a terminal");
  auto const options = std::make_shared<Options>();
  command->add_flag("--once", options->once, "print one page and leave");
  command->add_flag("--json", options->json, "one JSON document, once");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return top(*options); }; });
}

}  // namespace wanspool::app
