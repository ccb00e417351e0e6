#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "base/disk.h"
#include "base/fd.h"
#include "base/files.h"
#include "engine/bundle.h"
#include "engine/copying.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNameMost = 200;  // bytes; a name on disk has 255 at most

// Never throws std::system_error: what cannot be read is no trouble with our own files.
[[noreturn]] void cannot_read(std::string const& what, std::string const& why) {
  throw std::runtime_error{fmt::format("cannot read {}: {}", what, why)};
}

// A plain file below the folder, without waiting for a fifo or waking a device.
Fd open_plain(int folder, fs::path const& path, int follow, std::string const& what) {
  Fd fd{::openat(folder, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | follow)};
  if (!fd) cannot_read(what, std::generic_category().message(errno));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) cannot_read(what, std::generic_category().message(errno));
  if (S_ISDIR(info.st_mode)) cannot_read(what, "it is a folder, not a file");
  if (!S_ISREG(info.st_mode)) cannot_read(what, "it is no plain file");
  return fd;
}

void copy_file(Fd const& source, std::string const& what, fs::path const& to) {
  auto const target = disk::create(to, 0666);
  if (auto const error = copy_bytes(source, target, to); error != 0)
    cannot_read(what, std::generic_category().message(error));
  disk::sync(target.get(), to);
}

void copy_file(fs::path const& from, std::string const& what, fs::path const& to) {
  copy_file(open_plain(AT_FDCWD, from, 0, what), what, to);
}

struct CloseDir {
  void operator()(DIR* dir) const noexcept { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

Dir open_dir(int above, fs::path const& name, int follow, std::string const& what) {
  auto const fd = ::openat(above, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
  Dir dir{fd < 0 ? nullptr : ::fdopendir(fd)};
  if (dir) return dir;
  auto const error = errno;
  if (fd >= 0) ::close(fd);
  cannot_read(what, std::generic_category().message(error));
}

std::string link_in(int folder, char const* name, std::string const& what) {
  char text[PATH_MAX];
  auto const size = ::readlinkat(folder, name, text, sizeof text);
  if (size < 0) cannot_read(what, std::generic_category().message(errno));
  return {text, static_cast<std::size_t>(size)};
}

// By handles alone: of what its owner puts in the place of something meanwhile, no link is followed.
void copy_dir(Dir const& from, fs::path const& what, fs::path const& to) {
  disk::make_folder(to);
  auto const here = ::dirfd(from.get());
  for (;;) {
    errno = 0;
    auto const* const entry = ::readdir(from.get());
    if (!entry && errno != 0) cannot_read(what.string(), std::generic_category().message(errno));
    if (!entry) break;
    auto const* const name = entry->d_name;
    struct stat info {};
    if (name == std::string_view{"."} || name == std::string_view{".."}) continue;
    if (::fstatat(here, name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;  // it was taken away
    auto const its = what / name;
    if (S_ISDIR(info.st_mode))
      copy_dir(open_dir(here, name, O_NOFOLLOW, its.string()), its, to / name);
    else if (S_ISLNK(info.st_mode))
      fs::create_symlink(link_in(here, name, its.string()), to / name);
    else if (S_ISREG(info.st_mode))
      copy_file(open_plain(here, name, O_NOFOLLOW, its.string()), its.string(), to / name);
  }
  disk::sync_folder(to);
}

void write_synced(fs::path const& path, std::string_view text) {
  auto const fd = disk::create(path, 0666);
  disk::write(fd.get(), text, path);
  disk::sync(fd.get(), path);
}

// The end of the name, for what a file is shows in its ending.
std::string shortened(std::string name) {
  if (name.size() <= kNameMost) return name;
  auto from = name.size() - kNameMost;
  while (from < name.size() && (static_cast<unsigned char>(name[from]) & 0xC0) == 0x80) ++from;
  return name.substr(from);
}

std::string letter_of(Handover const& handover) {
  nlohmann::ordered_json letter{{"schema", 1}, {"file", handover.file}};
  if (!handover.files.empty()) letter["files"] = handover.files;
  if (!handover.globs.empty()) letter["globs"] = handover.globs;
  if (!handover.without.empty()) letter["without"] = handover.without;
  if (!handover.selection.only.empty()) letter["only"] = handover.selection.only;
  if (handover.selection.sample > 0) letter["sample"] = handover.selection.sample;
  if (handover.agreed)
    letter["agreed"] = decimal(*handover.agreed) + (handover.currency.empty() ? "" : " " + handover.currency);
  return letter.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

void write_bundle(fs::path const& folder, fs::path const& manifest, Handover handover,
                  std::vector<std::string> const& files, FindFile const& find) {
  disk::make_folder(folder);
  copy_file(manifest, manifest.string(), folder / "manifest.yaml");
  handover.files.clear();
  if (!files.empty()) disk::make_folder(folder / "files");
  for (auto const& written : files) {
    if (handover.files.contains(written)) continue;
    auto const found = find(written);
    if (!found.why_not.empty()) cannot_read(written, found.why_not);
    auto const place = fmt::format("files/{:04}-{}", handover.files.size() + 1,
                                   shortened(fs::path{written}.filename().string()));
    copy_file(found.path, written, folder / place);
    handover.files.emplace(written, place);
  }
  if (!files.empty()) disk::sync_folder(folder / "files");
  write_synced(folder / "bundle.json", letter_of(handover));
  disk::sync_folder(folder);
}

void copy_folder(fs::path const& from, fs::path const& to, std::string const& called) {
  auto const what = called.empty() ? from.string() : called;
  copy_dir(open_dir(AT_FDCWD, from, 0, what), what, to);
}

}  // namespace wanspool
