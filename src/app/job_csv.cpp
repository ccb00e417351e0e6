#include "app/job_csv.h"

#include <array>

#include "app/json_table.h"

namespace wanspool::app {
namespace {

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
                              Column{"bought_for", "", "bought_for"},
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

}  // namespace

std::string job_csv_head() {
  return csv_head(kColumns);
}

std::string job_csv(std::string const& job_json) {
  return csv_line(job_json, kColumns);
}

}  // namespace wanspool::app
