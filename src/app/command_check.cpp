#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/context.h"
#include "app/estimate.h"
#include "app/exit.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool check jobs/*.yaml
  wanspool check cats.yaml && wanspool submit cats.yaml

Complaints go to standard error as FILE:LINE:COLUMN: error: what is wrong. Needs no spool, no key and no network.)";

struct Options {
  Where where;
  std::vector<std::string> files;
  bool json = false;
};

std::string json_of(Estimate const& estimate) {
  nlohmann::ordered_json complaints = nlohmann::ordered_json::array();
  for (auto const& each : estimate.complaints)
    complaints.push_back(
        {{"file", each.file}, {"line", each.line}, {"column", each.column}, {"text", each.text}});
  return nlohmann::ordered_json{{"schema", 1},
                                {"file", estimate.file},
                                {"manifest", estimate.manifest},
                                {"ok", estimate.ok()},
                                {"jobs", estimate.jobs},
                                {"pictures_most", estimate.pictures},
                                {"price_most", decimal(estimate.price)},
                                {"currency", estimate.currency},
                                {"complaints", std::move(complaints)}}
      .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int check(Options const& options) {
  auto const models = known_models();
  auto const region = likely_region(options.where);
  bool good = true;
  for (auto const& file : options.files) {
    auto const result = estimate(file, models, region);
    good = tell_complaints({result}) && good;
    if (options.json)
      std::printf("%s\n", json_of(result).c_str());
    else if (result.ok())
      std::printf("%s\n", result.str().c_str());
  }
  return good ? kFine : kWrong;
}

}  // namespace

void add_check(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("check", "Say what is wrong with manifests, all of it");
  auto const options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "manifests (.yaml, .yml, .json)")->required();
  command->add_flag("--json", options->json, "one object a line for each file");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return check(*options); }; });
}

}  // namespace wanspool::app
