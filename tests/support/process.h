#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"

namespace wanspool::test {

// What a loaded machine may need for what usually takes a moment.
inline constexpr std::chrono::seconds kPatience{60};

// A program that runs beside the test; what it prints goes into files that can be read at any moment. If it
// still runs when the object dies it is killed, by its pid.
class Process {
 public:
  struct Setup {
    std::vector<std::string> arguments;              // the program's path first
    std::map<std::string, std::string> environment;  // laid over ours; "" takes a variable away
    std::string folder;                              // where it runs; "" here
    std::string input;                               // its standard input
  };
  explicit Process(Setup const& setup);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // What it ended with; 128 and the signal's number if one ended it. Fails the test if it does not end in
  // time.
  int wait(std::chrono::milliseconds most = kPatience);
  bool is_running();
  // Waits until it has printed `words` on standard error. Fails the test if it ends or stays silent instead.
  void await_err(std::string const& words, std::chrono::milliseconds most = kPatience);
  // All it has printed so far.
  std::string out() const { return text_of(out_); }
  std::string err() const { return text_of(err_); }

 private:
  bool reap(int flags);
  static std::string text_of(Fd const& file);

  pid_t pid_ = -1;
  bool ended_ = false;
  int code_ = 0;
  Fd out_, err_;
};

struct Finished {
  int code = 0;
  std::string out, err;
};
// Starts it and waits for its end.
Finished finish(Process::Setup const& setup, std::chrono::milliseconds most = kPatience);

}  // namespace wanspool::test
