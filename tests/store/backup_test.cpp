#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(fs::path const& folder) {
  std::vector<std::string> names;
  for (auto const& each : fs::directory_iterator{folder}) names.push_back(each.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// A process of its own that goes on until it is killed.
class Child {
 public:
  explicit Child(std::function<void()> const& work) : pid_{::fork()} {
    if (pid_ != 0) return;
    try {
      work();
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child() { end(SIGKILL); }
  bool is_over() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0;
  }
  void end(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, &status_, 0);
    pid_ = 0;
  }
  bool was_killed() const { return WIFSIGNALED(status_); }

 private:
  pid_t pid_;
  int status_ = 0;
};

void fill(fs::path const& file, int count) {
  take_in(*open_store(file), "cats", jobs(count));
}

// The turns never end: each moves a task on, and the sums with it.
void turn_for_ever(fs::path const& file) {
  auto const store = open_store(file);
  auto tasks = all_queued(*store);
  for (int turn = 0;; ++turn) {
    auto& task = tasks[static_cast<std::size_t>(turn) % tasks.size()];
    task.state = turn % 2 ? State::Submitting : State::Held;
    task.reserved = task.price * (1 + turn % 3);
    store->commit({{task}, {}});
  }
}

}  // namespace

TEST_CASE("a backup is one stamped file that opens like any other queue") {
  TempFolder const folder;
  fs::create_directory(folder / "safe");
  auto const file = folder / "wanspool.db", copy = folder / "safe" / "copy.db";
  auto const store = open_store(file);
  take_in(*store, "cats", jobs(20));
  auto const reader = open_reader(file);
  reader->backup(copy, at(7));
  CHECK(files_in(folder / "safe") == std::vector<std::string>{"copy.db"});
  CHECK(store->fact("stamp").empty());
  take_in(*store, "dogs", {job("rex")});

  CHECK(open_reader(copy)->audit().empty());
  CHECK(open_reader(copy)->fact("stamp") == "1700000007000");
  auto const restored = open_store(copy);
  CHECK(restored->fact("stamp") == "1700000007000");
  CHECK(all_queued(*restored).size() == 20);
  CHECK(take_in(*restored, "dogs", {job("rex")}).fresh == 1);
}

TEST_CASE("a backup overwrites nothing") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db", copy = folder / "copy.db";
  fill(file, 3);
  std::ofstream{copy} << "precious";
  CHECK_THROWS_AS(open_reader(file)->backup(copy, at(0)), std::system_error);
  CHECK(read_file(copy) == "precious");
  CHECK_THROWS_AS(open_reader(file)->backup(file, at(0)), std::system_error);
  CHECK_THROWS(open_reader(file)->backup(folder / "none" / "copy.db", at(0)));
}

TEST_CASE("two backups do not write one file") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db", copy = folder / "copy.db";
  fill(file, 3000);
  Child other{[&] { open_reader(file)->backup(copy, at(0)); }};
  bool first = false;
  try {
    open_reader(file)->backup(copy, at(1));
    first = true;
  } catch (std::system_error const&) {
  }
  while (!other.is_over()) continue;
  CHECK(open_reader(copy)->audit().empty());
  CHECK(open_reader(copy)->fact("stamp") == (first ? "1700000001000" : "1700000000000"));
}

TEST_CASE("what a killed backup left behind is no part of the next") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db", copy = folder / "copy.db";
  fill(file, 3);
  for (auto const* end : {".part", ".part-journal", ".part-wal", ".part-shm"})
    std::ofstream{copy.string() + end} << std::string(9999, 'x');
  open_reader(file)->backup(copy, at(0));
  CHECK(open_reader(copy)->audit().empty());
  CHECK(open_reader(copy)->tally()[State::Queued] == 3);
  for (auto const& name : files_in(folder.path())) CHECK(name.find(".part") == std::string::npos);
}

TEST_CASE("a backup beside a daemon that never rests is of one moment") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  fill(file, 2000);
  Child daemon{[&] { turn_for_ever(file); }};
  auto const reader = open_reader(file);
  while (reader->tally()[State::Queued] > 1990) CHECK_FALSE(daemon.is_over());
  for (int i = 0; i < 5; ++i) {
    auto const copy = folder / ("copy" + std::to_string(i));
    reader->backup(copy, at(i));
    CHECK(open_reader(copy)->audit().empty());
    CHECK(open_reader(copy)->tally().total() == 2000);
  }
  CHECK_FALSE(daemon.is_over());
}

TEST_CASE("a backup that is killed at any byte leaves no file, and the next one works") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db", copy = folder / "copy.db";
  fill(file, 2000);
  auto const whole = fs::file_size(file);
  for (std::uintmax_t part = 1; part < 20; ++part) {
    Child child{[&] {
      // The system itself kills whoever writes past this.
      rlimit const none{0, 0}, some{whole * part / 20, whole};
      ::setrlimit(RLIMIT_CORE, &none);
      ::setrlimit(RLIMIT_FSIZE, &some);
      ::signal(SIGXFSZ, SIG_DFL);
      open_reader(file)->backup(copy, at(0));
    }};
    while (!child.is_over()) continue;
    CAPTURE(part);
    CHECK(child.was_killed());
    CHECK_FALSE(fs::exists(copy));
    CHECK(fs::exists(copy.string() + ".part"));
  }
  open_reader(file)->backup(copy, at(1));
  CHECK(open_reader(copy)->audit().empty());
  CHECK(open_reader(copy)->tally().total() == 2000);
}

TEST_CASE("a backup that is killed at any moment leaves no file, or a whole one") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  fill(file, 2000);
  for (int spins = 1; spins < 1'000'000; spins = spins * 3 / 2 + 1) {
    auto const copy = folder / ("copy" + std::to_string(spins));
    Child child{[&] { open_reader(file)->backup(copy, at(0)); }};
    for (int spin = 0; spin < spins && !child.is_over(); ++spin) continue;
    child.end(SIGKILL);
    if (!fs::exists(copy)) open_reader(file)->backup(copy, at(0));
    CHECK(open_reader(copy)->audit().empty());
    CHECK(open_reader(copy)->fact("stamp") == "1700000000000");
  }
}
