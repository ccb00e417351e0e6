#pragma once

#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace wanspool {

// A folder of a test's own, gone at its end.
class Folder {
 public:
  Folder() {
    auto name = (std::filesystem::temp_directory_path() / "wanspool-base-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error{"cannot make " + name};
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;

  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace wanspool
