#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace wanspool::test {

// A folder of its own that is gone at the end.
class Place {
 public:
  Place() {
    auto name = (std::filesystem::temp_directory_path() / "wanspool-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Place(Place const&) = delete;
  Place& operator=(Place const&) = delete;

  std::filesystem::path const& path() const { return path_; }
  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }
  std::filesystem::path write(std::string const& name, std::string const& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name} << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// Sets variables of the environment, "" takes one away, and puts the old ones back at the end.
class Environment {
 public:
  explicit Environment(std::map<std::string, std::string> const& wanted) {
    for (auto const& [name, value] : wanted) {
      auto const* const now = ::getenv(name.c_str());
      before_[name] = now ? std::optional<std::string>{now} : std::nullopt;
      set(name, value.empty() ? std::nullopt : std::optional{value});
    }
  }
  ~Environment() {
    for (auto const& [name, value] : before_) set(name, value);
  }
  Environment(Environment const&) = delete;
  Environment& operator=(Environment const&) = delete;

 private:
  static void set(std::string const& name, std::optional<std::string> const& value) {
    value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
  std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace wanspool::test
