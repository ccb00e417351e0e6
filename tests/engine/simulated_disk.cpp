// Linked in the place of base/disk.cpp: the same calls, each of them a step at which the program can stop.
// The real ones are here under another name, so that what is tested is what is used.
#define disk real_disk
#include "base/disk.cpp"  // NOLINT(bugprone-suspicious-include)
#undef disk

#include "engine/steps.h"

namespace wanspool {

namespace test {
Steps* current_steps = nullptr;
}

namespace disk {
namespace {

void step() {
  if (test::current_steps) test::current_steps->take();
}

}  // namespace

Fd create(std::filesystem::path const& path, int mode) {
  step();
  return real_disk::create(path, mode);
}

// Torn in the middle: the first half may be all that reached the disk.
void write(int fd, std::string_view bytes, std::filesystem::path const& name) {
  real_disk::write(fd, bytes.substr(0, bytes.size() / 2), name);
  step();
  real_disk::write(fd, bytes.substr(bytes.size() / 2), name);
}

void sync(int fd, std::filesystem::path const& name) {
  step();
  real_disk::sync(fd, name);
}

void sync_folder(std::filesystem::path const& folder) {
  step();
  real_disk::sync_folder(folder);
}

void rename(std::filesystem::path const& from, std::filesystem::path const& to) {
  step();
  real_disk::rename(from, to);
}

void make_folder(std::filesystem::path const& folder) {
  step();
  real_disk::make_folder(folder);
}

void remove(std::filesystem::path const& path) {
  step();
  real_disk::remove(path);
}

}  // namespace disk
}  // namespace wanspool
