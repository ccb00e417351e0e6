#include "app/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/checks.h"
#include "app/words.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

bool has(Patient const& patient, Check::Needs needs) {
  switch (needs) {
    case Check::Needs::Nothing:
      return true;
    case Check::Needs::Configuration:
      return patient.misconfigured.empty();
    case Check::Needs::Spool:
      return !patient.root.empty();
    case Check::Needs::Queue:
      return patient.reader && patient.misconfigured.empty();
  }
  return false;
}

Diagnoses looked(Check const& check, Patient const& patient) {
  try {
    return check.look(patient);
  } catch (Quit const& quit) {
    return {wrong(quit.exit_code, quit.what(), "do what it says, and ask again")};
  } catch (StoreBroken const& broken) {
    return {wrong(broken.exit_code, broken.what(), "wanspool verify says more; keep a copy of state/ first")};
  } catch (std::exception const& error) {
    return {wrong(kInternal, error.what(), "this should not happen; please report it with this line")};
  }
}

void read_configuration(Patient& patient, Where const& where) {
  try {
    patient.context = likely_context(where);
  } catch (Quit const& quit) {
    patient.misconfigured = quit.what();
    patient.context.models = known_models();
    if (!patient.root.empty()) patient.context.spool = Spool::at(patient.root);
  }
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::Ok:
      return "ok";
    case Level::Warning:
      return "warning";
    case Level::Wrong:
      return "wrong";
  }
  return "";
}

Patient patient_of(Where const& where, Machine const& machine) {
  Patient patient{machine};
  auto const root = patient.asked = find_root(where.root, fs::current_path());
  if (!root.empty() && is_spool(root)) patient.root = root;
  read_configuration(patient, where);
  if (patient.root.empty()) return patient;
  patient.keeper = keeper_of(patient.spool());
  try {
    patient.reader = reader_of(patient.spool());
    if (patient.reader) patient.glance = open_glance(patient.spool().database);
  } catch (StoreBroken const& broken) {
    patient.reader.reset();
    patient.broken = broken.what();
    patient.broken_code = broken.exit_code;
  }
  return patient;
}

std::vector<Check> const& checks() {
  using Needs = Check::Needs;
  static std::vector<Check> const table{
      {"spool", Needs::Nothing, check::spool},
      {"configuration", Needs::Nothing, check::configuration},
      {"key", Needs::Configuration, check::key},
      {"endpoint", Needs::Configuration, check::endpoint},
      {"proxy", Needs::Configuration, check::proxy},
      {"clock", Needs::Nothing, check::clock},
      {"file system", Needs::Spool, check::file_systems},
      {"disk", Needs::Spool, check::disk},
      {"permissions", Needs::Spool, check::permissions},
      {"inotify", Needs::Spool, check::listening},
      {"open files", Needs::Nothing, check::open_files},
      {"daemon", Needs::Spool, check::daemon},
      {"queue", Needs::Spool, check::queue},
      {"origin", Needs::Queue, check::origin},
      {"account", Needs::Queue, check::account},
      {"limits", Needs::Queue, check::limits},
      {"inbox", Needs::Spool, check::inbox},
      {"results", Needs::Queue, check::results},
      {"a person", Needs::Queue, check::waiting},
  };
  return table;
}

Diagnoses examine(Patient const& patient) {
  Diagnoses all;
  for (auto const& check : checks()) {
    if (!has(patient, check.needs)) continue;
    for (auto& each : looked(check, patient)) {
      each.what = check.what;
      all.push_back(std::move(each));
    }
  }
  return all;
}

int exit_code_of(Diagnoses const& diagnoses) {
  auto const first = std::find_if(diagnoses.begin(), diagnoses.end(),
                                  [](Diagnosis const& each) { return each.level == Level::Wrong; });
  return first == diagnoses.end() ? kFine : first->exit_code;
}

std::string text_of(Diagnoses const& diagnoses) {
  constexpr int kIndent = 9;
  std::string text;
  for (auto const& each : diagnoses) {
    text += fmt::format("{:<{}}{:<14} {}\n", name_of(each.level), kIndent, each.what, one_line(each.found));
    if (!each.advice.empty()) text += fmt::format("{:<{}}{}\n", "", kIndent, one_line(each.advice));
  }
  auto const count = [&](Level level) {
    return std::count_if(diagnoses.begin(), diagnoses.end(),
                         [&](Diagnosis const& each) { return each.level == level; });
  };
  auto const bad = count(Level::Wrong), doubtful = count(Level::Warning);
  if (bad + doubtful == 0) return text + "all is well\n";
  return text + fmt::format("{} wrong, {}\n", bad, count_of(doubtful, "warning"));
}

Diagnosis fine(std::string found) {
  return {Level::Ok, {}, std::move(found), {}, kFine};
}

Diagnosis warning(std::string found, std::string advice) {
  return {Level::Warning, {}, std::move(found), std::move(advice), kFine};
}

Diagnosis wrong(int exit_code, std::string found, std::string advice) {
  return {Level::Wrong, {}, std::move(found), std::move(advice), exit_code};
}

}  // namespace wanspool::app
