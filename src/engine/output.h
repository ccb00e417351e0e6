#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "base/fd.h"
#include "base/http.h"
#include "base/sha256.h"
#include "core/news.h"
#include "engine/picture.h"
#include "engine/spool.h"

namespace wanspool {

// Receives one picture into NAME.part and looks at its bytes while they pass: nothing is read again.
class PictureSink final : public BodySink {
 public:
  // Makes the job's folder if need be. Throws std::system_error.
  PictureSink(std::filesystem::path folder, Picture const& wanted);

  bool take(std::string_view bytes) override;
  std::string complaint() const override;

  bool whole() const { return check_.whole(); }
  // What the disk said, if it was the disk that ended it.
  std::error_code disk_error() const { return disk_error_; }

  // Syncs and gives the final name; for a worker thread, once, and only if whole(). Returns PictureSafe, or
  // PictureMissed if the disk is full. Throws std::system_error if the disk is broken.
  News finish();

 private:
  std::filesystem::path folder_, part_;
  Picture picture_;
  Fd file_;
  PictureCheck check_;
  Sha256 sum_;
  std::error_code disk_error_;
  std::string disk_words_;
};

// Writes document.md and, last, result.json into the job's folder. For a worker thread. Throws
// std::system_error.
void store_story(std::filesystem::path const& folder, std::string const& document,
                 std::string const& result_json);

}  // namespace wanspool
