#include "engine/about.h"

#include "engine/paths.h"

namespace wanspool {

log::About about(std::string_view event, Task const& task) {
  return {event,        task.name,  task.name.empty() ? std::string{} : manifest_of(task.name),
          task.task_id, task.model, account_name(task.account)};
}

log::About about(std::string_view event, LaneKey const& lane) {
  return {event, {}, {}, {}, lane.model, account_name(lane.account)};
}

}  // namespace wanspool
