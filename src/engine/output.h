#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "base/fd.h"
#include "base/http.h"
#include "base/sha256.h"
#include "core/news.h"
#include "engine/picture.h"
#include "engine/spool.h"

namespace wanspool {

// NAME.HASH.part, without its folder: what a picture is received into.
std::string part_name(Picture const& picture);

// Receives one picture into NAME.HASH.part and looks at its bytes while they pass. HASH stands for the
// picture's address without its query: what an interrupted download left is gone on with, and never with the
// bytes of another picture. Only then are bytes read again.
class PictureSink final : public BodySink {
 public:
  // `wanted.file` is the name it is to have, relative to the job's `folder`; what is missing of its own
  // folder is made. `old` is where a picture that this one replaces is kept (…/old/MANIFEST/JOB); empty:
  // nowhere. What is none of this job's and lies in its way goes to `displaced` under its sum; empty: to
  // `old` as well. Throws std::system_error.
  PictureSink(std::filesystem::path const& folder, std::filesystem::path old, Picture const& wanted,
              std::filesystem::path displaced = {});

  // How many bytes an earlier download has left: the request asks for what follows. 0: for all.
  std::int64_t resume_from() const { return resume_from_; }

  // A 206 must go on where the part ends; any other success begins anew.
  bool begin(int status, std::string_view content_range) override;
  bool take(std::string_view bytes) override;
  std::string complaint() const override;

  bool whole() const { return check_.whole(); }
  // Whether these are the bytes whose sum `wanted` tells, where it tells any; to be asked when all have come.
  bool fits();
  // With the name that it has or is to have.
  Picture const& wanted() const { return picture_; }
  // What the disk said, if it was the disk that ended it.
  std::optional<Trouble> const& disk_trouble() const { return disk_trouble_; }

  // Syncs and gives the final name; for a worker thread, once, and only if whole(). Returns PictureSafe, or
  // PictureMissed if it cannot be put there. Throws std::system_error if the disk is broken.
  News finish();
  // Instead of finish(), after a reply that brought no whole picture: keeps what has come where the network
  // interrupted it or the storage did not answer with a body, and discards what is of no use.
  void let_go(Reply const& reply);
  // Takes away what has come: it is of no use, or on a full disk it is in the way.
  void discard();

 private:
  void resume();
  void start_over();
  bool flush();
  bool refuse(std::string why);
  std::string const& its_sum();
  void put_in_place(std::string const& sha256);
  void make_room(std::string const& sha256);

  std::filesystem::path story_, old_, displaced_, place_, part_;
  Picture picture_;
  Fd file_;
  std::string waiting_;  // bytes that are not written yet
  PictureCheck check_;
  Sha256 sum_;
  std::string hex_;  // what it was ended with
  std::int64_t resume_from_ = 0;
  bool begun_ = false;
  std::string refusal_;
  std::optional<Trouble> disk_trouble_;
};

// Passes a file that is here through a sink, as a download would. false if it cannot be read or is no whole
// picture or another one than the sink wants, or if the sink's disk is in trouble; then the sink is to be
// discarded. Throws like the sink.
bool copy_picture(std::filesystem::path const& from, PictureSink& sink);

// Removes the picture if it still has this sum; no sink puts another one there between the look and the
// removal. Throws std::system_error.
void take_away(std::filesystem::path const& picture, std::string const& sha256);

// The code of a trouble that lasts until there is room; any other is tried again for itself.
inline constexpr char kDiskFull[] = "DiskFull";

// What is paid for waits until its place can be written. Throws `error` itself if the disk is broken.
Trouble trouble_of(std::system_error const& error);

// Writes document.md and, last, result.json into the job's folder; what interrupted downloads have left there
// goes. Where an older result.json of another fingerprint is there, all that belongs to it is kept below
// `old` first, unless that is empty; then its pictures that are not among `files` (ours, relative to the
// folder) and its document.md go too, if there is anything of ours to take their place. What the older story
// tells of under another name or elsewhere is kept, but stays where it is too: that may be another job's
// place by now, with the same bytes. For a worker thread. Throws std::system_error.
void store_story(std::filesystem::path const& folder, std::filesystem::path const& old,
                 std::string const& document, std::string const& result_json,
                 std::set<std::string> const& files);

// The document as the folder of a job has it whose pictures are called `to` where they were called `from`.
std::string with_links(std::string document, std::vector<std::string> const& from,
                       std::vector<std::string> const& to);

}  // namespace wanspool
