#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/fd.h"
#include "whole/stage.h"

using namespace wanspool;
using namespace wanspool::whole;

TEST_SUITE_BEGIN("whole");

namespace {

// What a person sees who starts it in a terminal of 100 columns and 20 lines, and what it ends with.
class Seat {
 public:
  explicit Seat(Process::Setup const& setup) {
    std::vector<char*> words;
    for (auto const& each : setup.arguments) words.push_back(const_cast<char*>(each.c_str()));
    words.push_back(nullptr);
    winsize const size{20, 100, 0, 0};
    int terminal = -1;
    pid_ = ::forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      for (auto const& [name, value] : setup.environment) ::setenv(name.c_str(), value.c_str(), 1);
      ::setenv("TERM", "xterm", 1);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    terminal_ = Fd{terminal};
  }
  ~Seat() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Seat(Seat const&) = delete;
  Seat& operator=(Seat const&) = delete;

  // False when it has gone.
  bool look() {
    pollfd one{terminal_.get(), POLLIN, 0};
    if (::poll(&one, 1, 60'000) != 1) return false;
    char piece[4096];
    auto const got = ::read(terminal_.get(), piece, sizeof piece);
    if (got > 0) seen_.append(piece, static_cast<std::size_t>(got));
    return got > 0;
  }
  bool sees(std::string const& words) {
    while (seen_.find(words) == seen_.npos)
      if (!look()) return false;
    return true;
  }
  void press(char key) const { REQUIRE(::write(terminal_.get(), &key, 1) == 1); }
  void signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }
  int end() {
    while (look()) continue;
    int status = 0;
    REQUIRE(::waitpid(std::exchange(pid_, -1), &status, 0) > 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string const& seen() const { return seen_; }

 private:
  pid_t pid_ = -1;
  Fd terminal_;
  std::string seen_;
};

}  // namespace

TEST_CASE("top draws on the terminal's other screen and gives it back at q and at a signal") {
  House const house{"http://127.0.0.1:" + std::to_string(closed_port()) + "/api/v1"};
  {
    Seat seat{house.setup({"top"})};
    REQUIRE(seat.sees("nobody works on this spool"));
    CHECK(seat.seen().starts_with("\x1b[?1049h"));
    CHECK(seat.sees("q leaves, p stops the drawing"));
    seat.press('p');
    CHECK(seat.sees("stopped; p goes on"));
    seat.press('q');
    CHECK(seat.end() == 0);
    CHECK(seat.seen().ends_with("\x1b[?1049l"));
  }
  for (auto const each : {SIGINT, SIGTERM}) {
    Seat seat{house.setup({"top"})};
    REQUIRE(seat.sees("nobody works on this spool"));
    seat.signal(each);
    CHECK(seat.end() == 128 + each);
    CHECK(seat.seen().ends_with("\x1b[?1049l"));
  }
}

TEST_CASE("top shows a daemon's work on one page, and changes nothing of it") {
  Emulator const emulator{{"--fault", "task:2:fail=a,code=DataInspectionFailed"}};
  House house{emulator.endpoint()};
  house.environment["COLUMNS"] = "120";
  house.environment["TZ"] = zone_at_noon();
  auto daemon = house.daemon();
  auto const holds = [](std::string const& text, std::string const& words) {
    return text.find(words) != text.npos;
  };
  CHECK(holds(house.run({"top"}).out, "tasks  done 0, running 0, waiting 0, failed 0\n"));
  house.hand_in("cats.yaml", manifest_of(6));
  await(daemon, "all jobs", [&] { return house.is_settled(6); });
  auto const page = house.run({"top", "--once"});
  INFO(page.out);
  CHECK(page.code == 0);
  CHECK(page.err == "");
  CHECK(page.out.starts_with("wanspool top: " + house.spool.root.string() + ", daemon " +
                             std::to_string(daemon.pid()) + " "));
  CHECK(holds(page.out, "tasks  done 5, running 0, waiting 0, failed 1\n"));
  CHECK(holds(page.out, "money  today 1.00, reserved 0.00; month 1.00, reserved 0.00 CNY\n"));
  CHECK(holds(page.out, "\nwan2.6-t2i       0/50"));
  CHECK(holds(page.out, "\nFAILED: 1\n"));
  CHECK(holds(page.out, "DataInspectionFailed"));
  CHECK(holds(page.out, "\nDONE: 5\n"));
  CHECK(holds(page.out, "1 picture, 0.20 CNY"));
  CHECK_FALSE(holds(page.out, "\x1b"));
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  CHECK(holds(house.run({"top"}).out, "nobody works on this spool"));
}

TEST_SUITE_END();
