#pragma once

#include <fstream>
#include <string>

#include "../base/folder.h"
#include "manifest/reading.h"

// Manifests with files beside them.
namespace reading {

class Desk {
 public:
  Desk& put(std::string const& name, std::string const& bytes) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream{folder_.path() / name, std::ios::binary} << bytes;
    return *this;
  }
  Result read(std::string_view text, std::string const& file = "m.yaml") const {
    Result result;
    result.head =
        wanspool::read_manifest({text, file, {}, wanspool::files_below(folder_.path())}, models(),
                                [&](wanspool::ManifestJob job) { result.jobs.push_back(std::move(job)); });
    return result;
  }
  std::filesystem::path path() const { return folder_.path(); }

 private:
  wanspool::Folder folder_;
};

inline std::string names(Result const& read) {
  std::string text;
  for (auto const& job : read.jobs) text += (text.empty() ? "" : " ") + job.id;
  return text;
}

inline std::string prompts(Result const& read) {
  std::string text;
  for (auto const& job : read.jobs) text += (text.empty() ? "" : " | ") + job.request.prompt;
  return text;
}

inline std::string warnings(Result const& read) {
  std::string text;
  for (auto const& each : read.head.warnings) text += each.as_warning() + "\n";
  return text;
}

// The lines of a job, which draws from words alone.
inline std::string words(std::string const& lines) {
  return "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n  - id: a\n" + lines;
}

}  // namespace reading
