#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <vector>

#include "app/commands.h"
#include "app/exit.h"
#include "base/nearest.h"
#include "base/schema.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool new                                   names the kinds
  wanspool new first-picture > flowers.yaml      then: wanspool plan flowers.yaml

A commented manifest to change and to run, on standard output.)";

constexpr std::string_view kEnding = ".yaml";

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (auto const& each : sample_names()) names.push_back(each.substr(0, each.size() - kEnding.size()));
  return names;
}

// What it says of itself in its first comment.
std::string about(std::string const& text) {
  auto const from = text.find("# ");
  if (from == text.npos) return {};
  return text.substr(from + 2, text.find('\n', from) - from - 2);
}

int print(std::string const& kind) {
  auto const names = kinds();
  if (kind.empty()) {
    for (auto const& each : names)
      std::printf("%-16s  %s\n", each.c_str(), about(sample_file(each + std::string{kEnding})).c_str());
    return kFine;
  }
  if (std::find(names.begin(), names.end(), kind) == names.end()) {
    auto const near = nearest(kind, names);
    throw Quit{kWrong,
               fmt::format("there is no sample '{}'; {}", kind,
                           near.empty() ? "wanspool new names them" : "did you mean '" + near + "'?")};
  }
  std::fputs(sample_file(kind + std::string{kEnding}).c_str(), stdout);
  return kFine;
}

}  // namespace

void add_new(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("new", "Print a commented sample manifest");
  auto const kind = std::make_shared<std::string>();
  command->add_option("KIND", *kind, "which; without it they are named");
  command->footer(kFooter);
  command->callback([kind, &chosen] { chosen = [kind] { return print(*kind); }; });
}

}  // namespace wanspool::app
