#pragma once

#include <string>

#include "core/task.h"
#include "store/store.h"

// Where the pictures of a job lie: image-N.png in its folder, or, where the manifest names a place, below
// out/MANIFEST/ under that (manifest.md, `picture:`). Paths that name a picture are relative to the job's
// folder, as Picture::file and the story beside it are: "image-1.png", "../marble/vase-2.png".
namespace wanspool {

class PicturePaths {
 public:
  // Of the job that the task is bought for; a refill's are its parent's.
  explicit PicturePaths(Task const& task) : PicturePaths{task.name, task.place, task} {}
  // Of another job that wants the same purchase.
  PicturePaths(std::string const& job, std::string const& place, Task const& task);

  // Of picture `number`. A place gets the number where the job may have several; what comes beyond what was
  // asked for gets it in any case.
  std::string file(int number) const;

 private:
  std::string job_, place_;  // both below the manifest's folder
  bool several_;
};

// MANIFEST/… of a picture that is named relative to the folder of `job` (MANIFEST/JOB).
std::string below_out(std::string const& job, std::string const& file);

// The name that a safe picture has for this job. Of a purchase made in its own name it is where the picture
// lies, whatever the place has become meanwhile; of a shared one it is where its copy belongs.
std::string file_of(JobRow const& row, Task const& task, Picture const& picture);

// "MANIFEST" and "JOB" of MANIFEST/JOB.
std::string manifest_of(std::string const& name);
std::string job_of(std::string const& name);

}  // namespace wanspool
