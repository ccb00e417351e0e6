#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "manifest/manifest.h"

namespace wanspool {

// Looks at the local pictures of manifests, each file once however many jobs name it. Given a folder (the
// spool's files/) it first copies into that, under a temporary name, and what it tells is told of the copy:
// what was checked is what is uploaded. A good one stays as SHA256.EXT. For one thread.
class LocalPictures {
 public:
  // Looks at them where they are and copies nothing.
  LocalPictures() = default;
  // Takes them in; clears away what a crash has left there half copied. Throws std::system_error.
  explicit LocalPictures(std::filesystem::path folder);
  LocalPictures(LocalPictures const&) = delete;
  LocalPictures& operator=(LocalPictures const&) = delete;

  // A file that cannot be read is words in `why_not`. Throws std::system_error where the folder cannot be
  // written.
  LocalPicture look(FoundFile const& file);
  // Good as long as this lives.
  LookAtPicture looking() {
    return [this](FoundFile const& file) { return look(file); };
  }
  // What was taken in is safe on the disk after it. Throws std::system_error.
  void finish();
  std::size_t files_read() const { return files_read_; }

 private:
  // Device, inode, size, and when contents and inode were last changed: another file, or another content of
  // one, has another.
  using Mark = std::array<std::int64_t, 7>;
  LocalPicture take_in(Fd const& source, Mark const& mark);
  static Mark mark_of(Fd const& file);

  std::filesystem::path folder_;
  std::map<Mark, LocalPicture> known_;
  std::size_t files_read_ = 0, copies_ = 0;
  bool unsynced_ = false;
};

// The names of local pictures ("SHA256.EXT") in a create's body, as "file:SHA256.EXT" stands there.
std::vector<std::string> local_pictures_in(std::string const& body);

}  // namespace wanspool
