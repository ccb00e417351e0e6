#include "engine/local_pictures.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"
#include "base/sha256.h"
#include "core/input_names.h"
#include "engine/copying.h"
#include "engine/picture_header.h"
#include "provider/provider.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHalf = ".part", kTaking = "taking-";
// Several times what any model takes (contract §2.1), so that nobody waits for a film to be read.
constexpr std::int64_t kMostBytes = 256 << 20;
constexpr int kTries = 3;

LocalPicture refused(std::string why) {
  LocalPicture picture;
  picture.why_not = std::move(why);
  return picture;
}

std::string words_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return "there is no such file";
  return std::generic_category().message(error);
}

// A plain file, without waiting for a fifo or waking a device.
Fd open_plain(fs::path const& path, std::string& why_not) {
  Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0)
    why_not = words_of(errno);
  else if (S_ISDIR(info.st_mode))
    why_not = "it is a folder, not a file";
  else if (!S_ISREG(info.st_mode))
    why_not = "it is no plain file";
  else if (info.st_size > kMostBytes)
    why_not = fmt::format("it has {} bytes, and no model takes more than {}", info.st_size, kMostBytes);
  return fd;
}

// What has come of it before its end or an error.
std::size_t read_at(Fd const& file, std::int64_t at, char* to, std::size_t most) {
  std::size_t done = 0;
  while (done < most) {
    auto const got = ::pread(file.get(), to + done, most - done, at + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

// Of all its bytes; its name and facts, or why there are none.
LocalPicture facts_of(Fd const& file) {
  LocalPicture picture;
  Sha256 sum;
  std::string piece(256u << 10, '\0');
  for (;;) {
    errno = 0;
    auto const got = read_at(file, picture.bytes, piece.data(), piece.size());
    if (got < piece.size() && errno != 0) return refused(words_of(errno));
    if (got == 0) break;
    if (picture.bytes > kMostBytes) break;  // it grows, and will be looked at again
    sum.add(std::string_view{piece}.substr(0, got));
    picture.bytes += static_cast<std::int64_t>(got);
  }
  auto header = read_picture_header(picture.bytes, [&](std::int64_t at, char* to, std::size_t most) {
    return read_at(file, at, to, most);
  });
  picture.why_not = std::move(header.why_not);
  if (!picture.why_not.empty()) return picture;
  picture.name = sum.hex() + "." + ending_of(header.format);
  picture.width = header.width;
  picture.height = header.height;
  picture.alpha = header.alpha && header.format == PictureHeader::Format::Png;
  return picture;
}

// A copy that nobody keeps is gone again, whatever happens.
class Part {
 public:
  explicit Part(fs::path path) : path_{std::move(path)} {}
  Part(Part const&) = delete;
  Part& operator=(Part const&) = delete;
  ~Part() {
    std::error_code ignored;
    if (!kept_) fs::remove(path_, ignored);
  }
  fs::path const& path() const { return path_; }
  void keep(fs::path const& name) {
    disk::rename(path_, name);
    kept_ = true;
  }

 private:
  fs::path path_;
  bool kept_ = false;
};

bool is_there(fs::path const& path, std::int64_t bytes) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size == bytes;
}

}  // namespace

LocalPictures::LocalPictures(fs::path folder) : folder_{std::move(folder)} {
  make_folders(folder_);
  for (auto const& entry : fs::directory_iterator{folder_}) {
    auto const name = entry.path().filename().string();
    if (name.starts_with(kTaking) && name.ends_with(kHalf)) disk::remove(entry.path());
  }
}

LocalPictures::Mark LocalPictures::mark_of(Fd const& file) {
  struct stat info {};
  ::fstat(file.get(), &info);
  return {static_cast<std::int64_t>(info.st_dev),
          static_cast<std::int64_t>(info.st_ino),
          info.st_size,
          info.st_mtim.tv_sec,
          info.st_mtim.tv_nsec,
          info.st_ctim.tv_sec,
          info.st_ctim.tv_nsec};
}

LocalPicture LocalPictures::look(FoundFile const& file) {
  if (!file.why_not.empty()) return refused(file.why_not);
  std::string why_not;
  auto const source = open_plain(file.path, why_not);
  if (!why_not.empty()) return refused(std::move(why_not));
  for (int tries = 0; tries < kTries; ++tries) {
    auto const mark = mark_of(source);
    if (auto const known = known_.find(mark); known != known_.end()) return known->second;
    ++files_read_;
    auto picture = folder_.empty() ? facts_of(source) : take_in(source, mark);
    if (mark_of(source) == mark) return known_[mark] = std::move(picture);
  }
  return refused("somebody is writing to it; try again when it is whole");
}

LocalPicture LocalPictures::take_in(Fd const& source, Mark const& mark) {
  Part part{folder_ / fmt::format("{}{}{}", kTaking, ++copies_, kHalf)};
  auto const copy = disk::create(part.path(), 0640);
  ::lseek(source.get(), 0, SEEK_SET);
  if (auto const error = copy_bytes(source, copy, part.path(), mark[2]); error != 0)
    return refused(words_of(error));
  std::string why_not;
  auto const seen = open_plain(part.path(), why_not);
  auto picture = why_not.empty() ? facts_of(seen) : refused(std::move(why_not));
  if (!picture.why_not.empty() || mark_of(source) != mark) return picture;
  auto const name = folder_ / picture.name;
  unsynced_ = true;  // also where a program that has crashed has put it there
  if (is_there(name, picture.bytes) && disk::refresh(name)) return picture;
  disk::sync(copy.get(), part.path());
  part.keep(name);
  return picture;
}

void LocalPictures::finish() {
  if (unsynced_) disk::sync_folder(folder_);
  unsynced_ = false;
}

std::vector<std::string> local_pictures_in(std::string const& body) {
  std::vector<std::string> names;
  for (auto const& input : provider::inputs_of(body))
    if (auto const name = file_of_picture(input); !name.empty()) names.emplace_back(name);
  return names;
}

}  // namespace wanspool
