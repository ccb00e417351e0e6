#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/money.h"

// Commands that are run when something has happened.
namespace wanspool {

enum class HookEvent {
  Job,       // a job is done and its pictures are in their place
  Manifest,  // nothing more happens to any job of a manifest by itself
  Failure,   // a job has failed, or nobody can tell and a person decides
  Stopped,   // an account or one of its models takes no order until somebody acts
};
inline constexpr int kHookEvents = 4;

std::string_view name_of(HookEvent event);  // "job" …

// What the configuration says of them.
struct HookCommands {
  // The program, by an absolute path, and its arguments; no shell reads them.
  std::map<HookEvent, std::vector<std::string>> commands;
  milliseconds time_limit{seconds{30}};

  bool operator==(HookCommands const&) const = default;
};

// Something that has happened and whose command has not ended well yet.
struct HookRow {
  std::int64_t number = 0;
  std::string id;  // one for ever, however often its command is run
  HookEvent event = HookEvent::Job;
  Instant at;                                                    // when it happened
  Instant due;                                                   // when its command is to be run next
  int tries = 0;                                                 // so often it was run to an end in vain
  std::string manifest, job;                                     // the job's name below the manifest
  std::int64_t task = 0;                                         // Job, Failure: the purchase
  std::string account;                                           // Stopped: its name, as Task's
  std::vector<std::string> models;                               // Stopped
  bool held = false;                                             // Failure: a person decides
  std::string code, message;                                     // Failure, Stopped: why
  std::int64_t done = 0, failed = 0, canceled = 0, on_hold = 0;  // Manifest: its jobs
  std::int64_t pictures = 0;                                     // Manifest: that are safe
  Money spent, reserved, uncertain;                              // Manifest

  bool operator==(HookRow const&) const = default;
};

// What became of one run of a command. `over`: no more of it; else it is due at `due`.
struct HookEnd {
  std::int64_t number = 0;
  bool over = false;
  Instant due;
  int tries = 0;
};

}  // namespace wanspool
