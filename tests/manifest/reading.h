#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/schema.h"
#include "manifest/manifest.h"

// What the tests of this room share: manifests read against the table as it is built in.
namespace reading {

inline wanspool::Models const& models() {
  static auto const table = wanspool::read_models(wanspool::schema_file("models.yaml"), "models.yaml");
  return table;
}

struct Result {
  wanspool::ManifestHead head;
  std::vector<wanspool::ManifestJob> jobs;

  // Every complaint as a person sees it, one a line.
  std::string complaints() const {
    std::string out;
    for (auto const& each : head.complaints) out += each.str() + "\n";
    return out;
  }
};

inline Result manifest(std::string_view text, std::string const& file = "m.yaml",
                       wanspool::FindFile find = {}) {
  Result result;
  result.head =
      wanspool::read_manifest({text, file, {}, std::move(find)}, models(),
                              [&](wanspool::ManifestJob job) { result.jobs.push_back(std::move(job)); });
  return result;
}

// A manifest with these lines below a job 'a' (each indented by four), which is otherwise fine.
inline Result job(std::string const& lines) {
  return manifest("manifest: 1\njobs:\n  - id: a\n" + lines);
}

}  // namespace reading
