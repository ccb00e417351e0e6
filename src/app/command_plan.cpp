#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/exit.h"
#include "app/json_table.h"
#include "app/paper.h"
#include "app/proposal_json.h"
#include "app/words.h"
#include "base/harmless.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool plan catalog.yaml                     what is new, bought, changed; the price, the time, tomorrow at 08:00
  wanspool plan catalog.yaml --diff              the same with each job that does not stay as it is
  wanspool plan catalog.yaml --sample 20         of a part; it is what wanspool run --sample 20 would buy
  wanspool plan catalog.yaml --json | jq -r .price_most
  wanspool plan *.yaml --csv > plans.csv         a line for each file; with --diff for each job instead

  + new   ~ changed   = the same: bought, on its way or over   - no longer wanted   ! a row that is left out

Needs no key, no daemon and no network; without a spool all is new. Buys nothing.)";

struct Options {
  Where where;
  std::vector<std::string> files;
  Selection selection;
  bool diff = false, json = false, csv = false;
};

constexpr std::array kColumns{Column{"file", "", "file"},
                              Column{"manifest", "", "manifest"},
                              Column{"ok", "", "ok"},
                              Column{"jobs", "", "jobs"},
                              Column{"new", "new", "jobs"},
                              Column{"changed", "changed", "jobs"},
                              Column{"same", "same", "jobs"},
                              Column{"gone", "gone", "jobs"},
                              Column{"left_out", "left_out", "jobs"},
                              Column{"for_nothing", "", "for_nothing"},
                              Column{"pictures_most", "", "pictures_most"},
                              Column{"pictures_least", "", "pictures_least"},
                              Column{"price_most", "", "price_most"},
                              Column{"price_least", "", "price_least"},
                              Column{"currency", "", "currency"},
                              Column{"needs_yes", "", "needs_yes"},
                              Column{"refusal", "", "refusal"},
                              Column{"seconds", "", "seconds"},
                              Column{"until", "", "until"},
                              Column{"schema", "", "schema"}};
constexpr std::array kJobColumns{Column{"job", "", "job"},
                                 Column{"change", "", "change"},
                                 Column{"buys", "", "buys"},
                                 Column{"pictures_most", "", "pictures_most"},
                                 Column{"price_most", "", "price_most"},
                                 Column{"currency", "", "currency"},
                                 Column{"schema", "", "schema"}};

void print(std::string const& line) {
  std::printf("%s\n", harmless_lines(line).c_str());
}

std::string line_of(Difference const& each, std::string const& currency) {
  auto const price = each.change == Change::Gone ? std::string{}
                     : !each.buys                ? std::string{"  for nothing"}
                                                 : fmt::format("  {}", money(each.price, currency));
  return fmt::format("{} {}  {}{}", symbol_of(each.change), each.job, count_of(each.pictures, "picture"),
                     price);
}

void show(Proposal const& proposal, Money ask_above, Instant now) {
  for (auto const& each : long_words(proposal.file, proposal.plan, ask_above, now)) print(each);
  for (auto const& each : proposal.head.found) print("found     " + each);
  for (auto const& each : warnings_of(proposal)) print(each);
}

void show_difference(Difference const& each, Options const& options, std::string const& currency) {
  if (options.csv)
    std::fputs(csv_line(json_of(each, currency), kJobColumns).c_str(), stdout);
  else
    print(options.json ? json_of(each, currency) : line_of(each, currency));
}

int plan(Options const& options) {
  auto const context = likely_context(options.where);
  auto const currency = context.currency();
  Proposing how{context, options.selection, {}};
  if (options.diff) how.each = [&](Difference const& each) { show_difference(each, options, currency); };
  if (options.csv) std::fputs((options.diff ? csv_head(kJobColumns) : csv_head(kColumns)).c_str(), stdout);
  auto const reader = context.has_spool() ? reader_of(context.spool) : nullptr;
  bool good = true;
  for (auto const& file : options.files) {
    auto const now = BootClock{}.now();
    auto const proposal = propose(file, how, reader.get(), now);
    good = tell_complaints(proposal) && good;
    auto const ask_above = context.config.ask_above;
    if (options.csv && !options.diff)
      std::fputs(csv_line(plan_json(proposal, ask_above, now), kColumns).c_str(), stdout);
    else if (options.json)
      print(plan_json(proposal, ask_above, now));
    else if (proposal.ok() && !options.csv)
      show(proposal, ask_above, now);
  }
  return good ? kFine : kWrong;
}

}  // namespace

void add_plan(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("plan", "What would be bought, its price, and how long it takes");
  auto const options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "manifests (.yaml, .yml, .json)")->required();
  command->add_flag("--diff", options->diff, "name each job that does not stay as it is");
  add_forms(*command, options->json, options->csv,
            "one object a line for each file, with --diff for each job as well",
            "a table (RFC 4180) with a line for each file, with --diff for each job instead");
  add_selection(*command, options->selection);
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return plan(*options); }; });
}

}  // namespace wanspool::app
