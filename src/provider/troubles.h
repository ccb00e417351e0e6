#pragma once

#include <span>
#include <string_view>

#include "core/task.h"
#include "provider/envelope.h"

// The one table of what goes wrong at the service (contract §4), and what it means to us.
namespace wanspool::provider {

// What an error speaks of. In a query's answer only an error about the task can be the task's end; one about
// the call says that we asked wrongly, and a paid task goes on.
enum class About { Task, Call, Service };

struct Row {
  int status;             // that it comes with; read in its place where a gateway wraps it in a 200
  std::string_view code;  // this one, and all that go on after a dot
  std::string_view text;  // stands in the message, in whatever case; "" fits every message
  Trouble::Kind kind;
  About about = About::Task;
  std::string_view advice = {};  // "" where the service's own words will do
  bool every_lane = false;       // Account: the key or the bill, not one model
  milliseconds wait{0};          // at least so long
  bool input = false;            // it could not fetch a picture (contract §4, class I)
  Trouble::Over over = Trouble::Over::Nothing;
};

std::span<Row const> error_table();

// The first row that fits; nullptr for a code that the contract does not know.
Row const* row_of(std::string_view code, std::string_view message);

// An error as trouble of a request that was answered with `status`. A code without a row is judged by the
// status alone.
Trouble trouble_of(ErrorWords const& error, int status, milliseconds asked);

}  // namespace wanspool::provider
