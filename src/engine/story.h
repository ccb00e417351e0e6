#pragma once

#include <string>
#include <vector>

#include "core/task.h"

namespace wanspool {

struct Story {
  std::string fingerprint;
  int take = 1;
  std::string request;  // the body as sent
  std::string currency;
};

// Pictures of a task and its refills that are there, in their order.
std::vector<Picture> safe_pictures(std::vector<Task> const& family);

// result.json: the keys of design §9, for people and pipelines. Holds no key and no signed address. `family`
// is the task and its refills: their pictures and their cost are the job's.
std::string result_json(Task const& task, Story const& story, std::vector<Task> const& family);

}  // namespace wanspool
