#pragma once

#include <filesystem>

namespace wanspool {

// A file of nothing but room: given up when the disk is full, so that the last news can still be written.
class Ballast {
 public:
  static constexpr std::size_t kSize = std::size_t{1} << 20;

  explicit Ballast(std::filesystem::path file);
  // Gives the room back to the disk; false if there was none to give.
  bool release();
  // After a success: makes it anew if it is gone and there is plenty of room; where that fails it stays gone.
  void restore();

 private:
  void write();

  std::filesystem::path file_;
  bool there_ = false;
  int rest_ = 0;  // calls to let pass after a vain attempt
};

}  // namespace wanspool
