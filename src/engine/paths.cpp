#include "engine/paths.h"

#include <filesystem>

namespace wanspool {

namespace fs = std::filesystem;

// A refill asks for what its parent's answer lacked, from the number on where that ended: `first + wanted`
// is one past the job's last picture for the job's own purchase and for each of its refills alike.
PicturePaths::PicturePaths(std::string const& job, std::string const& place, Task const& task)
    : job_{job_of(job)}, place_{place}, several_{task.first + task.wanted > 2} {}

std::string PicturePaths::file(int number) const {
  auto const digits = std::to_string(number);
  if (place_.empty()) return "image-" + digits + ".png";
  auto const name = place_ + (several_ || number > 1 ? "-" + digits : "") + ".png";
  return fs::path{name}.lexically_normal().lexically_relative(fs::path{job_}).generic_string();
}

std::string below_out(std::string const& job, std::string const& file) {
  return (fs::path{job} / file).lexically_normal().generic_string();
}

std::string file_of(JobRow const& row, Task const& task, Picture const& picture) {
  auto const name = row.manifest + "/" + row.job;
  return task.name == name ? picture.file : PicturePaths{name, row.place, task}.file(picture.number);
}

std::string manifest_of(std::string const& name) {
  return name.substr(0, name.find('/'));
}

std::string job_of(std::string const& name) {
  auto const slash = name.find('/');
  return slash == name.npos ? std::string{} : name.substr(slash + 1);
}

}  // namespace wanspool
