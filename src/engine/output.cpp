#include "engine/output.h"

#include "base/disk.h"
#include "base/files.h"

namespace wanspool {

PictureSink::PictureSink(std::filesystem::path folder, Picture const& wanted)
    : folder_{std::move(folder)}, picture_{wanted} {
  // Its own entry is synced by finish(): a sync here would stop the wheel once for each job.
  make_folders(folder_.parent_path());
  disk::make_folder(folder_);
  picture_.file = "image-" + std::to_string(picture_.number) + ".png";
  part_ = folder_ / (picture_.file + ".part");
  file_ = disk::create(part_, 0666);
}

bool PictureSink::take(std::string_view bytes) {
  if (!check_.take(bytes)) return false;
  try {
    disk::write(file_.get(), bytes, part_);
  } catch (std::system_error const& error) {
    disk_trouble_ = trouble_of(error);
    return false;
  }
  sum_.add(bytes);
  picture_.bytes += static_cast<std::int64_t>(bytes.size());
  return true;
}

std::string PictureSink::complaint() const {
  return disk_trouble_ ? disk_trouble_->message : check_.complaint();
}

News PictureSink::finish() {
  try {
    disk::sync(file_.get(), part_);
    file_.reset();
    disk::rename(part_, folder_ / picture_.file);
    disk::sync_folder(folder_);
    disk::sync_folder(folder_.parent_path());
  } catch (std::system_error const& error) {
    auto trouble = trouble_of(error);
    discard();
    return news::PictureMissed{picture_.number, std::move(trouble)};
  }
  picture_.sha256 = sum_.hex();
  picture_.width = check_.width();
  picture_.height = check_.height();
  return news::PictureSafe{picture_};
}

void PictureSink::discard() {
  file_.reset();
  try {
    disk::remove(part_);
  } catch (std::system_error const&) {
    // The next one is written over it.
  }
}

Trouble trouble_of(std::system_error const& error) {
  if (error.code() == std::errc::io_error) throw error;
  return {Trouble::Kind::Lane, disk_is_full(error.code()) ? kDiskFull : "Disk", error.what()};
}

void store_story(std::filesystem::path const& folder, std::string const& document,
                 std::string const& result_json) {
  make_folders(folder);
  if (!document.empty()) write_file_safely(folder / "document.md", document);
  write_file_safely(folder / "result.json", result_json);
}

}  // namespace wanspool
