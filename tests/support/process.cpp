#include "support/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstring>
#include <system_error>

extern char** environ;

namespace wanspool::test {
namespace {

Fd memory_file(char const* name) {
  Fd fd{::memfd_create(name, MFD_CLOEXEC)};
  if (!fd) throw std::system_error{errno, std::generic_category(), "cannot make a file for output"};
  return fd;
}

std::vector<std::string> environment_of(std::map<std::string, std::string> const& changes) {
  auto all = changes;
  for (auto** each = environ; *each; ++each) {
    std::string const line = *each;
    auto const equals = line.find('=');
    all.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  std::vector<std::string> lines;
  for (auto const& [name, value] : all)
    if (!value.empty() || !changes.contains(name)) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& each : texts) list.push_back(each.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Process::Process(Setup const& setup) : out_{memory_file("out")}, err_{memory_file("err")} {
  auto const in = memory_file("in");
  if (::write(in.get(), setup.input.data(), setup.input.size()) < 0 || ::lseek(in.get(), 0, SEEK_SET) != 0)
    throw std::system_error{errno, std::generic_category(), "cannot prepare input"};
  // Made before the fork: after it only what is safe in a signal handler may be called.
  auto arguments = setup.arguments;
  auto environment = environment_of(setup.environment);
  auto const argv = pointers(arguments), envp = pointers(environment);
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error{errno, std::generic_category(), "cannot fork"};
  if (pid_ > 0) return;
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  bool const ready = ::dup2(in.get(), 0) == 0 && ::dup2(out_.get(), 1) == 1 && ::dup2(err_.get(), 2) == 2 &&
                     (setup.folder.empty() || ::chdir(setup.folder.c_str()) == 0);
  if (ready) ::execve(argv.front(), argv.data(), envp.data());
  ::_exit(127);
}

Process::Process(Process&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      ended_{other.ended_},
      code_{other.code_},
      out_{std::move(other.out_)},
      err_{std::move(other.err_)} {}

Process::~Process() {
  if (pid_ < 0 || ended_) return;
  ::kill(pid_, SIGKILL);
  reap(0);
}

void Process::signal(int number) const {
  REQUIRE_FALSE(ended_);
  ::kill(pid_, number);
}

bool Process::reap(int flags) {
  int status = 0;
  if (ended_) return true;
  if (::waitpid(pid_, &status, flags) != pid_) return false;
  ended_ = true;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::is_running() {
  return !reap(WNOHANG);
}

int Process::wait(std::chrono::milliseconds most) {
  if (!ended_) {
    Fd const watched{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
    pollfd one{watched.get(), POLLIN, 0};
    INFO("its standard error: ", err());
    REQUIRE(::poll(&one, 1, static_cast<int>(most.count())) == 1);
    reap(0);
  }
  return code_;
}

void Process::await_err(std::string const& words, std::chrono::milliseconds most) {
  auto const until = std::chrono::steady_clock::now() + most;
  while (err().find(words) == std::string::npos) {
    INFO("waited for '", words, "' in its standard error: ", err());
    REQUIRE(is_running());
    REQUIRE(std::chrono::steady_clock::now() < until);
    ::poll(nullptr, 0, 2);
  }
}

std::string Process::text_of(Fd const& file) {
  struct stat info {};
  ::fstat(file.get(), &info);
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  auto const got = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

Finished finish(Process::Setup const& setup, std::chrono::milliseconds most) {
  Process process{setup};
  auto const code = process.wait(most);
  return {code, process.out(), process.err()};
}

}  // namespace wanspool::test
