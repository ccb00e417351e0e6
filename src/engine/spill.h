#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "base/fd.h"
#include "store/store.h"

// Rows of a manifest on their way from the worker that reads it to the wheel that takes them in. Written and
// read by one run of the program, so that the form of it is nobody else's.
namespace wanspool {

// More came of it than whoever wrote it wanted.
struct SpillTooLong : std::exception {};

class SpillWriter {
 public:
  // Throws std::system_error, like the rest, std::runtime_error in words for a person where so many rows
  // would take the room that pictures need, and SpillTooLong beyond `most` bytes.
  explicit SpillWriter(std::filesystem::path path,
                       std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  void add(NewJob const& job);
  void finish();

 private:
  void look_at_room();

  std::filesystem::path path_;
  Fd fd_;
  std::string text_;
  std::uint64_t left_;
  std::size_t unlooked_ = 0;  // bytes since the last look
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
