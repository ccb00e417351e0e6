#include "app/job_csv.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/csv.h"

namespace wanspool::app {
namespace {

using json = nlohmann::json;

struct Column {
  std::string_view name, in, key;  // `in`: the object that holds it; "": the job itself
};

constexpr std::array kColumns{Column{"job", "", "job"},
                              Column{"manifest", "", "manifest"},
                              Column{"state", "", "state"},
                              Column{"retired", "", "retired"},
                              Column{"paused", "", "paused"},
                              Column{"cancel_asked", "", "cancel_asked"},
                              Column{"model", "", "model"},
                              Column{"pictures_wanted", "", "pictures_wanted"},
                              Column{"pictures", "", "pictures"},
                              Column{"spent", "cost", "spent"},
                              Column{"reserved", "cost", "reserved"},
                              Column{"uncertain", "cost", "uncertain"},
                              Column{"currency", "cost", "currency"},
                              Column{"take", "", "take"},
                              Column{"task_id", "", "task_id"},
                              Column{"queued", "times", "queued"},
                              Column{"sent", "times", "sent"},
                              Column{"accepted", "times", "accepted"},
                              Column{"seen_running", "times", "seen_running"},
                              Column{"seen_finished", "times", "seen_finished"},
                              Column{"done", "times", "done"},
                              Column{"error_code", "error", "code"},
                              Column{"error_message", "error", "message"},
                              Column{"source", "", "source"},
                              Column{"line", "", "line"},
                              Column{"schema", "", "schema"}};

std::string cell(json const& object, Column const& column) {
  auto const& within = column.in.empty() ? object : object.at(std::string{column.in});
  if (within.is_null()) return {};
  auto const& value = within.at(std::string{column.key});
  if (value.is_null()) return {};
  if (value.is_string()) return csv_text(value.get<std::string>());
  return csv_cell(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string job_csv_head() {
  std::string head;
  for (auto const& each : kColumns) head += (head.empty() ? "" : ",") + std::string{each.name};
  return head + "\r\n";
}

std::string job_csv(std::string const& job_json) {
  auto const object = json::parse(job_json);
  std::string line;
  for (auto const& each : kColumns) line += (&each == kColumns.data() ? "" : ",") + cell(object, each);
  return line + "\r\n";
}

}  // namespace wanspool::app
