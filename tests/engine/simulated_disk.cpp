// Linked in the place of base/disk.cpp: the same calls, each of them a step at which the program can stop.
// The real ones are here under another name, so that what is tested is what is used.
#define disk real_disk
#include "base/disk.cpp"  // NOLINT(bugprone-suspicious-include)
#undef disk

#include "engine/journal.h"
#include "engine/steps.h"

namespace wanspool {

namespace test {
Steps* current_steps = nullptr;
std::function<int(std::string const&, std::string const&)> disk_fault;
}  // namespace test

namespace disk {
namespace {

void step(char const* call, std::filesystem::path const& path) {
  if (test::current_steps) test::current_steps->take();
  if (!test::disk_fault) return;
  if (auto const error = test::disk_fault(call, path.string()); error != 0)
    throw std::system_error{error, std::generic_category(), std::string{call} + " " + path.string()};
}

}  // namespace

Fd create(std::filesystem::path const& path, int mode) {
  step("create", path);
  auto* const journal = test::current_journal;
  if (journal) journal->emptying(path);
  auto fd = real_disk::create(path, mode);
  if (journal) journal->opened(fd.get(), path);
  return fd;
}

Fd append(std::filesystem::path const& path) {
  step("append", path);
  return real_disk::append(path);
}

// Torn in the middle: the first half may be all that reached the disk.
void write(int fd, std::string_view bytes, std::filesystem::path const& name) {
  if (test::current_journal) test::current_journal->growing(fd);
  real_disk::write(fd, bytes.substr(0, bytes.size() / 2), name);
  step("write", name);
  real_disk::write(fd, bytes.substr(bytes.size() / 2), name);
}

void sync(int fd, std::filesystem::path const& name) {
  step("sync", name);
  real_disk::sync(fd, name);
  if (test::current_journal) test::current_journal->safe(fd);
}

void sync_all(std::filesystem::path const& folder) {
  step("sync", folder);
  // What it would do to a real disk is not what is tested, and the machine has other things to write.
  if (test::current_journal) test::current_journal->forget();
}

void sync_folder(std::filesystem::path const& folder) {
  step("sync", folder);
  real_disk::sync_folder(folder);
  if (test::current_journal) test::current_journal->safe_folder(folder);
}

void rename(std::filesystem::path const& from, std::filesystem::path const& to) {
  step("rename", to);
  if (test::current_journal) test::current_journal->moving(to);
  real_disk::rename(from, to);
  if (test::current_journal) test::current_journal->moved(from, to);
}

void rename_new(std::filesystem::path const& from, std::filesystem::path const& to) {
  step("rename", to);
  if (test::current_journal) test::current_journal->moving(to);
  real_disk::rename_new(from, to);
  if (test::current_journal) test::current_journal->moved(from, to);
}

void link(std::filesystem::path const& from, std::filesystem::path const& to) {
  step("link", to);
  real_disk::link(from, to);
  if (test::current_journal) test::current_journal->appeared(to);
}

void make_folder(std::filesystem::path const& folder) {
  step("make", folder);
  bool const fresh = test::current_journal && !std::filesystem::exists(folder);
  real_disk::make_folder(folder);
  if (fresh) test::current_journal->made_folder(folder);
}

void remove(std::filesystem::path const& path) {
  step("remove", path);
  if (test::current_journal) test::current_journal->vanishing(path);
  real_disk::remove(path);
  if (test::current_journal) test::current_journal->vanished(path);
}

bool refresh(std::filesystem::path const& path) {
  step("refresh", path);
  return real_disk::refresh(path);
}

}  // namespace disk
}  // namespace wanspool
