#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/records.h"

// How whole manifests stand, and which files beside the current pictures may still be needed: counted by the
// database, for nobody loads the jobs for that.
namespace wanspool {

// How the jobs of one manifest stand, as Reader::jobs() shows them; those that are gone from it are only
// counted.
struct Census {
  bool is_known = false;  // somebody has dropped one of that name
  std::int64_t jobs[kStates] = {};
  std::int64_t paused = 0;                      // of the queued ones, by name
  std::int64_t retired = 0;                     // gone from the manifest
  std::map<std::string, std::int64_t> waiting;  // queued, by model
  Money spent, reserved, uncertain;             // in its name
  std::vector<JobRow> failed, held;             // the first few of each

  std::int64_t operator[](State state) const { return jobs[static_cast<int>(state)]; }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (auto const each : jobs) sum += each;
    return sum;
  }
  // Nothing is to happen any more, not even after a person has helped.
  bool is_over() const {
    return (*this)[State::Done] + (*this)[State::Failed] + (*this)[State::Canceled] == total();
  }
};

// What may still be made of what lies in old/, orphans/ and out/.
struct Uses {
  std::set<std::string> manifests;    // a job is to get copies of their pictures, or is made from them
  std::set<std::int64_t> candidates;  // orphans that may be what a doubt has bought
  std::map<std::string, bool>
      adoptions;  // task ids that were orphans; whether their job still wants the files
};

// Reads beside a running daemon or without one, as Reader does.
class Housekeeping {
 public:
  virtual ~Housekeeping() = default;
  // Names of all manifests, in their order, and of those whose jobs want one of these tasks.
  virtual std::vector<std::string> manifests() = 0;
  virtual std::vector<std::string> manifests_of(std::vector<std::int64_t> const& tasks) = 0;
  // All jobs by state, as Reader::jobs() shows them, those that are gone from their manifests as well.
  virtual std::array<std::int64_t, kStates> jobs() = 0;
  // At most `examples` of what failed and of what is held.
  virtual Census census(std::string const& manifest, std::size_t examples) = 0;
  virtual Uses uses() = 0;
  // The bodies with input pictures that may still be sent, for the first time or again; a finished job's only
  // where it was done at or after `since`. Holds no transaction while it calls.
  virtual void bodies_in_need(Instant since, std::function<void(std::string const& body)> const& take) = 0;
  // The file in the folder of input pictures that was fetched from there; "" if none was.
  virtual std::string fetched(std::string const& address) = 0;
};

// Throws StoreBroken like open_reader().
std::unique_ptr<Housekeeping> open_housekeeping(std::filesystem::path const& file);

}  // namespace wanspool
