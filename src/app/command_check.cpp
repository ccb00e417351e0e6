#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/json_table.h"
#include "app/proposal_json.h"
#include "app/words.h"
#include "base/harmless.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool check jobs/*.yaml
  wanspool check cats.yaml && wanspool submit cats.yaml
  wanspool check jobs/*.yaml --csv > wrong.csv        what is wrong, a line for each

Complaints go to standard error as FILE:LINE:COLUMN: error: what is wrong. Needs no spool, no key and no network.)";

struct Options {
  Where where;
  std::vector<std::string> files;
  bool json = false, csv = false;
};

constexpr std::array kColumns{Column{"file", "", "file"},         Column{"line", "", "line"},
                              Column{"column", "", "column"},     Column{"level", "", "level"},
                              Column{"key", "", "key"},           Column{"text", "", "text"},
                              Column{"manifest", "", "manifest"}, Column{"schema", "", "schema"}};

// "cats.yaml: 3 jobs, at most 5 pictures, at most 1.00 CNY"
std::string line_of(Proposal const& proposal) {
  auto const& plan = proposal.plan;
  auto const buys = plan.buys();
  auto const left_out = plan.left_out > 0 ? fmt::format(", {} left out", plan.left_out) : "";
  return fmt::format("{}: {}, at most {}, at most {}{}", proposal.file,
                     count_of(static_cast<std::int64_t>(proposal.head.jobs), "job"),
                     count_of(buys.most, "picture"), money(buys.price_most, plan.currency), left_out);
}

int check(Options const& options) {
  auto const context = likely_context(options.where);
  bool good = true;
  if (options.csv) std::fputs(csv_head(kColumns).c_str(), stdout);
  for (auto const& file : options.files) {
    auto const proposal = propose(file, {context}, nullptr, BootClock{}.now());
    good = tell_complaints(proposal) && good;
    for (auto const& each : warnings_of(proposal)) std::fprintf(stderr, "%s\n", harmless(each).c_str());
    if (options.csv) {
      for (auto const& each : complaints_json(proposal)) std::fputs(csv_line(each, kColumns).c_str(), stdout);
    } else if (options.json) {
      std::printf("%s\n", check_json(proposal).c_str());
    } else if (proposal.ok()) {
      std::printf("%s\n", harmless(line_of(proposal)).c_str());
      for (auto const& each : proposal.head.found) std::printf("  %s\n", harmless(each).c_str());
    }
  }
  return good ? kFine : kWrong;
}

}  // namespace

void add_check(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("check", "Say what is wrong with manifests, all of it");
  auto const options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "manifests (.yaml, .yml, .json)")->required();
  add_forms(*command, options->json, options->csv, "one object a line for each file",
            "a table (RFC 4180) with a line for each error, warning and row that is left out");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return check(*options); }; });
}

}  // namespace wanspool::app
