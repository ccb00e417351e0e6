#pragma once

#include <filesystem>
#include <memory>
#include <optional>
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
  std::optional<Trouble> const& disk_trouble() const { return disk_trouble_; }

  // Syncs and gives the final name; for a worker thread, once, and only if whole(). Returns PictureSafe, or
  // PictureMissed if it cannot be put there. Throws std::system_error if the disk is broken.
  News finish();
  // Takes away what has come: it is of no use, and on a full disk it is in the way.
  void discard();

 private:
  std::filesystem::path folder_, part_;
  Picture picture_;
  Fd file_;
  PictureCheck check_;
  Sha256 sum_;
  std::optional<Trouble> disk_trouble_;
};

// The code of a trouble that lasts until there is room; any other is tried again for itself.
inline constexpr char kDiskFull[] = "DiskFull";

// What is paid for waits until its place can be written. Throws `error` itself if the disk is broken.
Trouble trouble_of(std::system_error const& error);

// Writes document.md and, last, result.json into the job's folder. For a worker thread. Throws
// std::system_error.
void store_story(std::filesystem::path const& folder, std::string const& document,
                 std::string const& result_json);

}  // namespace wanspool
