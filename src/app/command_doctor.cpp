#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/doctor.h"
#include "app/json_table.h"
#include "app/words.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool doctor
  sudo wanspool doctor                         sees the service's key, too
  wanspool doctor --json | jq -r 'select(.level != "ok") | .check'

One line for each thing that was looked at: ok, warning or wrong, and below it what to do. Ends with 0 if nothing
is wrong, warnings or not, else with the code of the first that is: 2 no spool, 3 the key or the account, 73 the
disk or its permissions, 74 a damaged queue, 78 the configuration. Changes nothing, and asks the provider for
nothing: it opens a connection to the endpoint and closes it.)";

struct Options {
  Where where;
  bool json = false, csv = false;
};

constexpr std::array kColumns{Column{"check", "", "check"},         Column{"level", "", "level"},
                              Column{"found", "", "found"},         Column{"advice", "", "advice"},
                              Column{"exit_code", "", "exit_code"}, Column{"schema", "", "schema"}};

std::string json_of(Diagnosis const& diagnosis) {
  using json = nlohmann::ordered_json;
  auto const bad = diagnosis.level == Level::Wrong;
  return json{{"schema", 1},
              {"check", diagnosis.what},
              {"level", name_of(diagnosis.level)},
              {"found", one_line(diagnosis.found)},
              {"advice", diagnosis.advice.empty() ? json(nullptr) : json(one_line(diagnosis.advice))},
              {"exit_code", bad ? json(diagnosis.exit_code) : json(nullptr)}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

int doctor(Options const& options) {
  Machine const machine;
  auto const diagnoses = examine(patient_of(options.where, machine));
  if (options.csv) std::fputs(csv_head(kColumns).c_str(), stdout);
  for (auto const& each : diagnoses)
    if (options.csv)
      std::fputs(csv_line(json_of(each), kColumns).c_str(), stdout);
    else if (options.json)
      std::printf("%s\n", json_of(each).c_str());
  if (!options.csv && !options.json) std::fputs(text_of(diagnoses).c_str(), stdout);
  return exit_code_of(diagnoses);
}

}  // namespace

void add_doctor(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("doctor", "Why does it not do what it should: all that can be looked at");
  auto const options = std::make_shared<Options>();
  add_forms(*command, options->json, options->csv, "one object a line");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return doctor(*options); }; });
}

}  // namespace wanspool::app
