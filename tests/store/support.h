#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace wanspool {

// A folder that is gone with its contents when the test ends.
class TempFolder {
 public:
  TempFolder();
  TempFolder(TempFolder const&) = delete;
  TempFolder& operator=(TempFolder const&) = delete;
  ~TempFolder();
  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Instant at(int seconds_since) {
  return Instant{seconds{1'700'000'000 + seconds_since}};
}

NewManifest manifest(std::string const& name, std::string const& claim, Instant when = at(0));
// Its fingerprint and body follow from `request`, which is the job's name where it is empty.
NewJob job(std::string const& name, int line = 1, std::string request = {});
std::vector<NewJob> jobs(int count);  // "1" …

// Takes a manifest in as a whole; throws where a job clashes.
Taken take_in(Store& store, std::string const& name, std::vector<NewJob> const& jobs, Instant when = at(0));
// All queued tasks of the model of job().
std::vector<Task> all_queued(Store& store);
// A task whose every field has a value that no other field has.
Task distinct(Task task);

// Runs `work` in a child process that ends without any destructor, and gives back what it threw, or "".
std::string in_child(std::function<void()> const& work);

}  // namespace wanspool
