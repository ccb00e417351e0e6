#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "store/store.h"

// Rows of a manifest on their way from the worker that reads it to the wheel that takes them in. Written and
// read by one run of the program, so that the form of it is nobody else's.
namespace wanspool {

class SpillWriter {
 public:
  // Throws std::system_error, like the rest.
  explicit SpillWriter(std::filesystem::path path);
  void add(NewJob const& job);
  void finish();

 private:
  std::filesystem::path path_;
  Fd fd_;
  std::string text_;
};

// Reads a spill back. Throws std::system_error.
class SpillReader {
 public:
  explicit SpillReader(std::filesystem::path const& spill);
  // At most `limit` rows; none at the end.
  std::vector<NewJob> next(std::size_t limit);

 private:
  bool read_record();

  std::filesystem::path path_;
  std::ifstream file_;
  std::string record_;
};

}  // namespace wanspool
