#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "app/words.h"

namespace wanspool::app {

// How wide its terminal is; 80 where it is none.
int columns_of(std::FILE* stream);

// What `run` and the watching commands show: finished pictures on standard output for whoever reads them,
// everything else on standard error.
class Screen {
 public:
  enum class Mode {
    Live,   // one line, rewritten in place
    Plain,  // a line when something changed, at most every few seconds
  };
  // Live on a terminal that can move its cursor.
  static Mode mode_of(std::FILE* stream);

  explicit Screen(Mode mode = mode_of(stderr), std::FILE* out = stdout, std::FILE* err = stderr)
      : mode_{mode}, out_{out}, err_{err} {}
  ~Screen() { clear(); }
  Screen(Screen const&) = delete;
  Screen& operator=(Screen const&) = delete;

  void progress(Progress const& progress, Instant now);
  // The last word: a line that stays, unless it has just been said.
  void end(Progress const& progress);
  // A line that stays.
  void say(std::string_view text);
  void picture(std::filesystem::path const& path);
  void clear();

 private:
  void draw(std::string line);
  void tell_hindrance(std::string const& hinders);

  Mode mode_;
  std::FILE* out_;
  std::FILE* err_;
  std::string drawn_;  // on the terminal now; "" for nothing
  std::string said_;   // the last plain line, without what changes by itself
  Instant said_at_;
  std::string hindrance_said_;
};

}  // namespace wanspool::app
