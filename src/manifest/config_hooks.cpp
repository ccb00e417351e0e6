#include "manifest/config_hooks.h"

#include <fmt/format.h>

#include "manifest/durations.h"
#include "manifest/fields.h"

namespace wanspool::yaml {
namespace {

Keys const kHooks{"'hooks'", {"job", "manifest", "failure", "stopped", "time_limit"}};
constexpr seconds kLeast{1};
constexpr hours kMost{1};

HookEvent event_of(std::string const& name) {
  int event = 0;
  while (name_of(HookEvent{event}) != name) ++event;
  return HookEvent{event};
}

// Why this can be no argument; "" if it can. As written: a program may want an empty one.
std::string wrong_argument(View each) {
  if (!each.is(Node::Kind::Scalar))
    return fmt::format("an argument is a text, not {}; in quotes where it is empty", spoken(each));
  if (each.text().find('\0') != std::string::npos) return "an argument cannot hold the character 0";
  return {};
}

std::vector<std::string> read_command(View value, std::string const& name, Complaints& complaints) {
  if (!value.is(Node::Kind::List) || value.size() == 0) {
    complaints.add(value,
                   fmt::format("{} is a list of a program and its arguments, which no shell reads, such "
                               "as [/usr/local/bin/done, --quiet], not {}",
                               name, spoken(value)));
    return {};
  }
  std::vector<std::string> command;
  bool good = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto const why = wrong_argument(value[i]);
    if (!why.empty()) complaints.add(value[i], why);
    good = good && why.empty();
    command.push_back(value[i].text());
  }
  if (good && !command.front().starts_with('/')) {
    complaints.add(value[0], fmt::format("a program is named by its whole path, such as /usr/local/bin/done, "
                                         "not '{}'; nobody looks for it",
                                         shortened(command.front())));
    good = false;
  }
  return good ? command : std::vector<std::string>{};
}

}  // namespace

HookCommands read_hooks(View map, Complaints& complaints) {
  HookCommands hooks;
  Fields const fields{map, kHooks, complaints};
  for (auto const& [key, value] : fields.all()) {
    if (value.is(Node::Kind::Null)) continue;
    if (key.text() == "time_limit") {
      auto const limit = read_duration(value, "time_limit", complaints);
      if (limit && (*limit < kLeast || *limit > kMost))
        complaints.add(value, "time_limit is from 1s to 1h");
      else if (limit)
        hooks.time_limit = *limit;
      continue;
    }
    auto command = read_command(value, key.text(), complaints);
    if (!command.empty()) hooks.commands[event_of(key.text())] = std::move(command);
  }
  return hooks;
}

}  // namespace wanspool::yaml
