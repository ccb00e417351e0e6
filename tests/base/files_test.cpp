#include "base/files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <system_error>

#include "base/disk.h"
#include "base/folder.h"

using namespace wanspool;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("base");

namespace {

void put(fs::path const& path, std::string const& text) {
  std::ofstream{path, std::ios::binary} << text;
}

std::string complaint_of(auto&& action) {
  try {
    action();
  } catch (std::system_error const& error) {
    return error.what();
  }
  return {};
}

std::error_code error_of(auto&& action) {
  try {
    action();
  } catch (std::system_error const& error) {
    return error.code();
  }
  return {};
}

// Relative names are looked up from here while it lives.
class Within {
 public:
  explicit Within(fs::path const& folder) : before_{fs::current_path()} { fs::current_path(folder); }
  ~Within() { fs::current_path(before_); }
  Within(Within const&) = delete;
  Within& operator=(Within const&) = delete;

 private:
  fs::path before_;
};

}  // namespace

TEST_CASE("a file is read whole, byte for byte") {
  Folder const folder;
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i % 251);
  put(folder / "file", bytes);
  CHECK(read_file(folder / "file") == bytes);
  put(folder / "empty", "");
  CHECK(read_file(folder / "empty", 0).empty());
}

TEST_CASE("a file may be as large as the limit and no larger") {
  Folder const folder;
  put(folder / "file", std::string(1000, 'x'));
  CHECK(read_file(folder / "file", 1000).size() == 1000);
  CHECK(error_of([&] { read_file(folder / "file", 999); }) == std::errc::file_too_large);
}

TEST_CASE("a file that cannot be read is named") {
  Folder const folder;
  auto const missing = complaint_of([&] { read_file(folder / "missing"); });
  CHECK(missing.find((folder / "missing").string()) != std::string::npos);
  CHECK(error_of([&] { read_file(folder / "missing"); }) == std::errc::no_such_file_or_directory);
  CHECK(error_of([&] { read_file(folder.path()); }) == std::errc::is_a_directory);
}

TEST_CASE("a file that was written safely has its new contents and leaves nothing beside it") {
  Folder const folder;
  write_file_safely(folder / "file", "old");
  CHECK(read_file(folder / "file") == "old");
  put(folder / "file.part", "left by a crash, and longer than what comes now");
  write_file_safely(folder / "file", "new");
  CHECK(read_file(folder / "file") == "new");
  CHECK_FALSE(fs::exists(folder / "file.part"));
}

TEST_CASE("a file has the mode that was asked for from its first byte") {
  Folder const folder;
  write_file_safely(folder / "secret", "x", 0600);
  struct stat seen {};
  REQUIRE(::stat((folder / "secret").c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
}

TEST_CASE("a file that cannot be written keeps its old contents and leaves nothing beside it") {
  Folder const folder;
  fs::create_directory(folder / "name");
  CHECK_FALSE(complaint_of([&] { write_file_safely(folder / "name", "text"); }).empty());
  CHECK(fs::is_directory(folder / "name"));
  CHECK_FALSE(fs::exists(folder / "name.part"));
  auto const missing = complaint_of([&] { write_file_safely(folder / "no/such", "text"); });
  CHECK(missing.find((folder / "no/such").string()) != std::string::npos);
}

TEST_CASE("nothing is written through a link that somebody laid in the way") {
  Folder const folder;
  put(folder / "victim", "precious");
  fs::create_symlink(folder / "victim", folder / "file.part");
  CHECK(error_of([&] { write_file_safely(folder / "file", "x"); }) ==
        std::errc::too_many_symbolic_link_levels);
  CHECK(error_of([&] { disk::create(folder / "file.part", 0666); }) ==
        std::errc::too_many_symbolic_link_levels);
  CHECK(read_file(folder / "victim") == "precious");
}

TEST_CASE("a name without a folder is written, moved and made where we are") {
  Folder const folder;
  Within const within{folder.path()};
  write_file_safely("file", "text");
  make_folders("deep/deeper/");
  move_file_safely("file", "other");
  move_file_safely("other", "deep/file");
  CHECK(read_file(folder / "deep/file") == "text");
  CHECK(fs::is_directory(folder / "deep/deeper"));
}

TEST_CASE("folders are made with what is missing above them, and those that are there are fine") {
  Folder const folder;
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/c/d/");
  CHECK(fs::is_directory(folder / "a/b/c/d"));
}

TEST_CASE("a file in the way of a folder is named and left alone") {
  Folder const folder;
  put(folder / "a", "text");
  auto const complaint = complaint_of([&] { make_folders(folder / "a/b"); });
  CHECK(complaint.find((folder / "a").string()) != std::string::npos);
  CHECK(read_file(folder / "a") == "text");
}

TEST_CASE("a file moves between folders and replaces what is there") {
  Folder const folder;
  make_folders(folder / "from");
  make_folders(folder / "to");
  put(folder / "from/file", "new");
  put(folder / "to/file", "old");
  move_file_safely(folder / "from/file", folder / "to/file");
  CHECK(read_file(folder / "to/file") == "new");
  CHECK_FALSE(fs::exists(folder / "from/file"));
}

TEST_CASE("a move of what is not there is refused by name and harms nothing") {
  Folder const folder;
  put(folder / "to", "old");
  CHECK_FALSE(complaint_of([&] { move_file_safely(folder / "missing", folder / "to"); }).empty());
  CHECK(read_file(folder / "to") == "old");
}

TEST_CASE("what is gone already is removed, a folder is not") {
  Folder const folder;
  put(folder / "file", "x");
  disk::remove(folder / "file");
  disk::remove(folder / "file");
  CHECK_FALSE(fs::exists(folder / "file"));
  fs::create_directory(folder / "folder");
  CHECK_FALSE(complaint_of([&] { disk::remove(folder / "folder"); }).empty());
}

TEST_CASE("a full disk is known by its errors, however they were thrown") {
  for (auto const error : {ENOSPC, EDQUOT, EFBIG}) {
    CHECK(disk_is_full({error, std::generic_category()}));
    CHECK(disk_is_full({error, std::system_category()}));
  }
  for (auto const error : {EIO, ENOENT, EACCES}) CHECK_FALSE(disk_is_full({error, std::generic_category()}));
  CHECK_FALSE(disk_is_full({}));
  CHECK(error_of([] { disk::write(disk::create("/dev/full", 0666).get(), "x", "/dev/full"); }) ==
        std::errc::no_space_on_device);
}

TEST_CASE("free space is told for a place that exists") {
  Folder const folder;
  CHECK(free_space(folder.path()) > 0);
  CHECK(free_space(folder / "missing") == 0);
}
