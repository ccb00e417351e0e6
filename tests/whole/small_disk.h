#pragma once

#include <filesystem>

namespace wanspool::whole {

inline constexpr std::size_t kMebibyte = std::size_t{1} << 20;
inline constexpr char kNoMount[] = "skipped: no file system can be mounted here";

// A small file system of our own, seen by us and by what we start only.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder);
  ~SmallDisk();
  SmallDisk(SmallDisk const&) = delete;
  SmallDisk& operator=(SmallDisk const&) = delete;

  bool is_mounted() const { return mounted_; }
  // Takes so many bytes, or all there are.
  void fill(std::size_t bytes) const;
  void fill() const { fill(80 * kMebibyte); }
  void empty() const;

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace wanspool::whole
