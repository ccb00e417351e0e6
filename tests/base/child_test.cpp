#include "base/child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/fd.h"

using namespace wanspool;

TEST_SUITE_BEGIN("base");

namespace {

ChildCall script(std::string const& text) {
  ChildCall call;
  call.arguments = {"/bin/sh", "-c", text};
  call.environment = {"PATH=/usr/bin:/bin", "GREETING=hello"};
  call.folder = "/";
  call.grace = seconds{20};
  return call;
}

// Ended at its limit, and not before it has said anything: how much time that takes nobody knows.
ChildEnd run_beyond_limit(ChildCall call) {
  for (call.limit = milliseconds{100};; call.limit *= 3) {
    auto end = run_child(call);
    REQUIRE(end.timed_out);
    if (!end.output.empty()) return end;
    REQUIRE(call.limit < seconds{20});
  }
}

// Killed and not reaped yet by whoever got it is dead enough.
bool runs(pid_t pid) {
  if (::kill(pid, 0) != 0) return false;
  std::filesystem::path const stat{"/proc/" + std::to_string(pid) + "/stat"};
  Fd const file{::open(stat.c_str(), O_RDONLY | O_CLOEXEC)};
  char text[256] = {};
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0) return false;
  return std::string{text}.find(") Z ") == std::string::npos;
}

// Who was killed as a grandchild needs a moment.
bool goes(pid_t pid) {
  for (int i = 0; i < 2000 && runs(pid); ++i) std::this_thread::sleep_for(milliseconds{5});
  return !runs(pid);
}

}  // namespace

TEST_CASE("a program gets its arguments, its input and its environment as they are, and runs in its folder") {
  auto call = script("cat; echo \"$1|$GREETING|$HOME|$PWD\" >&2");
  call.arguments.insert(call.arguments.end(), {"name", "a b'\"$c"});
  call.input = "one\ntwo\n";
  auto const end = run_child(call);
  CHECK(end.is_well());
  CHECK(end.output == "one\ntwo\na b'\"$c|hello||/\n");
}

TEST_CASE("it has no descriptor of ours, however that was opened") {
  Fd const ours{::open("/dev/null", O_RDONLY)};
  Fd const far{::fcntl(ours.get(), F_DUPFD, 200)};
  REQUIRE(far.get() >= 200);
  // The last one is that by which it looks.
  CHECK(run_child(script("exec ls /proc/self/fd")).output == "0\n1\n2\n3\n");
}

TEST_CASE("signals are as they are by default, whatever we block or ignore") {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  auto const was = ::signal(SIGPIPE, SIG_IGN);
  auto const end = run_child(script("exec grep -E 'SigBlk|SigIgn' /proc/self/status"));
  ::signal(SIGPIPE, was);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  unsigned long blocked = 1, ignored = 1;
  REQUIRE(std::sscanf(end.output.c_str(), "SigBlk:\t%lx\nSigIgn:\t%lx", &blocked, &ignored) == 2);
  CHECK(blocked == 0);
  CHECK((ignored & 0x7fffffff) == 0);  // above are two of the C library's own
}

TEST_CASE("what it does not read and what it says too much of holds nobody up") {
  auto call = script("exec head -c 3000000 /dev/zero");
  call.input = std::string(2'000'000, 'x');
  auto const end = run_child(call);
  CHECK(end.is_well());
  CHECK(end.output == std::string(4096, '\0'));
}

TEST_CASE("how it has ended is told") {
  CHECK(run_child(script("exit 7")).code == 7);
  CHECK(run_child(script("kill -USR1 $$")).signal == SIGUSR1);
  CHECK(run_child(script("exit 7")).trouble.empty());
  ChildCall missing = script("");
  missing.arguments = {"/nowhere/at/all"};
  CHECK(run_child(missing).trouble == "No such file or directory");
  missing.arguments = {"/etc/passwd"};
  CHECK(run_child(missing).trouble == "Permission denied");
  CHECK_FALSE(run_child(missing).is_well());
}

TEST_CASE("where somebody else reaps it, it has not ended well") {
  auto const was = ::signal(SIGCHLD, SIG_IGN);
  auto const end = run_child(script("exit 7"));
  ::signal(SIGCHLD, was);
  CHECK_FALSE(end.is_well());
}

TEST_CASE("beyond its limit it is ended with all its children") {
  auto call = script("sleep 60 & echo $!; wait");
  SUBCASE("one that obeys") {
    auto const end = run_beyond_limit(call);
    CHECK(end.signal == SIGTERM);
    auto const child = std::atoi(end.output.c_str());
    REQUIRE(child > 1);
    CHECK(goes(child));
  }
  SUBCASE("one that does not") {
    call.arguments[2] = "trap '' TERM; sleep 60 & echo $!; wait; sleep 60";
    call.grace = seconds{4};  // a killed one is waited for as long
    auto const end = run_beyond_limit(call);
    CHECK(end.signal == SIGKILL);
    auto const child = std::atoi(end.output.c_str());
    REQUIRE(child > 1);
    CHECK(goes(child));
  }
  SUBCASE("one that says that all is well then") {
    call.arguments[2] = "trap 'echo well; exit 0' TERM; echo ready; while :; do sleep 0.01; done";
    auto const end = run_beyond_limit(call);
    CHECK(end.output.ends_with("well\n"));
    CHECK(end.code == 0);
    CHECK_FALSE(end.is_well());
  }
}

// It stops us itself, and ends in its time.
TEST_CASE("who stands still over the end of a child's time still sees that it ended within it") {
  auto const us = ::fork();
  REQUIRE(us >= 0);
  if (us == 0) {
    auto call = script("kill -STOP $PPID; exit 3");
    call.limit = milliseconds{500};
    auto const end = run_child(call);
    ::_exit(end.timed_out ? 1 : end.code);
  }
  int status = 0;
  do {
    REQUIRE(::waitpid(us, &status, WUNTRACED) == us);
  } while (!WIFSTOPPED(status) && !WIFEXITED(status));
  REQUIRE(WIFSTOPPED(status));
  std::this_thread::sleep_for(milliseconds{600});  // over the limit
  ::kill(us, SIGCONT);
  REQUIRE(::waitpid(us, &status, 0) == us);
  CHECK(WEXITSTATUS(status) == 3);
}

TEST_CASE("who has to stop at once ends it, and that is no time-out") {
  Fd const stop{::eventfd(1, EFD_CLOEXEC)};
  auto call = script("exec sleep 60");
  call.stop = stop.get();
  auto const end = run_child(call);
  CHECK(end.stopped);
  CHECK_FALSE(end.timed_out);
  CHECK(end.signal == SIGTERM);
}

TEST_CASE("a child that outlives it and holds its output open is not waited for") {
  auto const end = run_child(script("sleep 60 & echo $!"));
  CHECK(end.is_well());
  auto const child = std::atoi(end.output.c_str());
  CHECK(runs(child));
  ::kill(child, SIGKILL);
}

TEST_SUITE_END();
