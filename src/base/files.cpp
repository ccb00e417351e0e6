#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <system_error>

#include "base/disk.h"

namespace wanspool {
namespace {

std::filesystem::path folder_of(std::filesystem::path const& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

bool pass_file(std::filesystem::path const& path, std::function<bool(std::string_view)> const& take) {
  Fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return false;
  char piece[65536];
  for (;;) {
    auto const got = ::read(fd.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0 || !take({piece, static_cast<std::size_t>(got)})) return true;
  }
}

std::string read_file(std::filesystem::path const& path, std::size_t limit) {
  auto const fail = [&](int error) {
    throw std::system_error{error, std::generic_category(), "cannot read " + path.string()};
  };
  std::string text;
  auto const collect = [&](std::string_view piece) { return text.append(piece).size() <= limit; };
  if (!pass_file(path, collect)) fail(errno);
  if (text.size() > limit) fail(EFBIG);
  return text;
}

void write_contents_safely(std::filesystem::path const& path, std::string_view text, int mode) {
  auto const part = std::filesystem::path{path.string() + ".part"};
  auto fd = disk::create(part, mode);
  try {
    disk::write(fd.get(), text, part);
    disk::sync(fd.get(), part);
    fd.reset();
    disk::rename(part, path);
  } catch (std::system_error const&) {
    // On a full disk this is what makes room again; the first trouble is the one worth telling.
    try {
      disk::remove(part);
    } catch (std::system_error const&) {
    }
    throw;
  }
}

void write_file_safely(std::filesystem::path const& path, std::string_view text, int mode) {
  write_contents_safely(path, text, mode);
  disk::sync_folder(folder_of(path));
}

void make_folders(std::filesystem::path const& folder) {
  if (folder.empty() || std::filesystem::is_directory(folder)) return;
  make_folders(folder.parent_path());
  disk::make_folder(folder);
  disk::sync_folder(folder_of(folder));
}

void move_file_safely(std::filesystem::path const& from, std::filesystem::path const& to) {
  disk::rename(from, to);
  disk::sync_folder(folder_of(to));
  if (folder_of(from) != folder_of(to)) disk::sync_folder(folder_of(from));
}

std::uintmax_t free_space(std::filesystem::path const& path) {
  std::error_code error;
  auto const space = std::filesystem::space(path, error);
  return error ? 0 : space.available;
}

bool disk_is_full(std::error_code const& error) {
  return error == std::errc::no_space_on_device || error == std::errc::file_too_large ||
         (error.value() == EDQUOT &&
          (error.category() == std::generic_category() || error.category() == std::system_category()));
}

}  // namespace wanspool
