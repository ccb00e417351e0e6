#include "core/hooks.h"

namespace wanspool {

std::string_view name_of(HookEvent event) {
  switch (event) {
    case HookEvent::Job:
      return "job";
    case HookEvent::Manifest:
      return "manifest";
    case HookEvent::Failure:
      return "failure";
    case HookEvent::Stopped:
      return "stopped";
  }
  return "";
}

}  // namespace wanspool
