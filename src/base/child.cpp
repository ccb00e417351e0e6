#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/fd.h"

namespace wanspool {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kOutputMost = 4096;

[[noreturn]] void fail(char const* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

Fd file_of(std::string const& text) {
  Fd file{::memfd_create("input", MFD_CLOEXEC)};
  if (!file) fail("cannot make a file in memory");
  for (std::size_t at = 0; at < text.size();) {
    auto const wrote = ::write(file.get(), text.data() + at, text.size() - at);
    if (wrote < 0) fail("cannot write into memory");
    at += static_cast<std::size_t>(wrote);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) fail("cannot read from memory");
  return file;
}

// What posix_spawn is told, and freed whatever happens.
class Order {
 public:
  Order(ChildCall const& call, int input, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions_, call.folder.c_str());
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Order(Order const&) = delete;
  Order& operator=(Order const&) = delete;
  ~Order() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  // 0, or why not.
  int start(ChildCall const& call, pid_t& pid) {
    auto arguments = pointers(call.arguments), environment = pointers(call.environment);
    return ::posix_spawn(&pid, arguments.front(), &actions_, &attributes_, arguments.data(),
                         environment.data());
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string> const& texts) {
    std::vector<char*> all;
    for (auto const& each : texts) all.push_back(const_cast<char*>(each.c_str()));
    all.push_back(nullptr);
    return all;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// One that runs. Until it is reaped its pid is nobody else's, and so is its group's.
class Running {
 public:
  Running(pid_t pid, Fd output, ChildCall const& call)
      : pid_{pid},
        watch_{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))},
        output_{std::move(output)},
        stop_{call.stop},
        grace_{call.grace},
        until_{Steady::now() + call.limit} {}

  ChildEnd see_out() {
    while (!has_ended()) {
      listen();
      if (Steady::now() < until_) continue;
      // Where we stood still until now it may have ended in its time.
      if (has_ended() || !go_on()) break;
    }
    hear();
    return end_;
  }

 private:
  // Who was told to go goes with all its children.
  bool has_ended() {
    siginfo_t info{};
    auto const looked = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (looked == 0 && info.si_pid == 0) return false;
    if (looked != 0) {
      // Somebody else has reaped it: the pid may be another's.
      end_.trouble = "nobody can tell how it has ended";
      return true;
    }
    if (asked_) ::kill(-pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    if (WIFEXITED(status)) end_.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
    return true;
  }

  // Its children may hold its output open after its end: nobody waits for that.
  void listen() {
    std::array<pollfd, 3> fds{{{watch_.get(), POLLIN, 0},
                               {output_ ? output_.get() : -1, POLLIN, 0},
                               {asked_ ? -1 : stop_, POLLIN, 0}}};
    auto const left = std::chrono::ceil<milliseconds>(until_ - Steady::now());
    // Without a descriptor for its end somebody has to look.
    auto const most = watch_ ? milliseconds{60'000} : milliseconds{20};
    ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp(left, milliseconds{0}, most).count()));
    if (fds[1].revents != 0) hear();
    if (!asked_ && fds[2].revents != 0) {
      end_.stopped = true;
      until_ = Steady::now();
    }
  }

  void hear() {
    std::array<char, 4096> buffer;
    while (output_) {
      auto const got = ::read(output_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return output_.reset();
      auto const room = kOutputMost - end_.output.size();
      end_.output.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
      // One that never stops talking is heard again when it is looked at anew.
      if (++heard_ % 64 == 0) return;
    }
  }

  // Its time is over. False: it has been killed and does not go.
  bool go_on() {
    if (killed_) return false;
    end_.timed_out = !end_.stopped;
    ::kill(-pid_, asked_ ? SIGKILL : SIGTERM);
    killed_ = asked_;
    asked_ = true;
    until_ = Steady::now() + grace_;
    return true;
  }

  pid_t pid_;
  Fd watch_, output_;
  int stop_;
  milliseconds grace_;  // a killed one is waited for as long
  Steady::time_point until_;
  bool asked_ = false, killed_ = false;
  unsigned heard_ = 0;
  ChildEnd end_;
};

}  // namespace

ChildEnd run_child(ChildCall const& call) try {
  auto const input = file_of(call.input);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
  Fd ours{ends[0]}, its{ends[1]};
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  pid_t pid = -1;
  ChildEnd end;
  if (auto const error = Order{call, input.get(), its.get()}.start(call, pid); error != 0) {
    end.trouble = std::generic_category().message(error);
    return end;
  }
  its.reset();
  return Running{pid, std::move(ours), call}.see_out();
} catch (std::system_error const& error) {
  ChildEnd end;
  end.trouble = error.what();
  return end;
}

}  // namespace wanspool
