#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "store/store.h"

namespace wanspool {

// One manifest read, checked and written out as the rows it becomes, one JSON line each, so that the wheel
// can take them in slices whatever their number.
struct Expansion {
  std::string name;
  std::string sha256;  // of the manifest
  std::size_t jobs = 0;
  OnDoubt on_doubt = OnDoubt::Adopt;
  bool refill = false;
  std::optional<Command> command = {};  // it is none: somebody asks for something
  std::vector<Complaint> complaints = {};
};

// A manifest's text. Throws std::runtime_error, in words for a person, if it cannot be read or is too large.
std::string manifest_text(std::filesystem::path const& file);

// For a worker thread. `shown_as` is the file's name in complaints and the manifest's default name. The spill
// needs no sync: after a crash it is made anew from the manifest. Throws std::system_error if the
// spill cannot be written, std::runtime_error if the manifest cannot be read.
Expansion expand(std::filesystem::path const& manifest, std::string const& shown_as,
                 std::filesystem::path const& spill, Models const& models, std::string const& region);

// Reads a spill back.
class SpillReader {
 public:
  explicit SpillReader(std::filesystem::path const& spill);
  // At most `limit` rows; none at the end.
  std::vector<NewJob> next(std::size_t limit);

 private:
  std::ifstream file_;
};

// What a job is, whoever asks and whenever: the hash of its effective request (manifest.md, Identity).
NewJob row_of(ManifestJob const& job, Model const& model, std::string const& region);

}  // namespace wanspool
