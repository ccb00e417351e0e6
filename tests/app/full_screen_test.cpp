#include "app/full_screen.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

// Both ends of a terminal.
struct Terminal {
  Terminal() {
    int master = -1, slave = -1;
    REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
    person = Fd{master};
    program = Fd{slave};
  }
  void resize(unsigned short columns, unsigned short rows) const {
    winsize const size{rows, columns, 0, 0};
    REQUIRE(::ioctl(person.get(), TIOCSWINSZ, &size) == 0);
  }
  termios settings() const {
    termios now{};
    REQUIRE(::tcgetattr(program.get(), &now) == 0);
    return now;
  }
  // What has come since the last time.
  std::string shown() const {
    std::string text;
    for (pollfd one{person.get(), POLLIN, 0}; ::poll(&one, 1, 0) == 1;) {
      char piece[4096];
      auto const got = ::read(person.get(), piece, sizeof piece);
      if (got <= 0) break;
      text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
  }
  Fd person, program;
};

}  // namespace

TEST_CASE("a full screen takes the terminal over and leaves it as it was") {
  Terminal const terminal;
  auto const before = terminal.settings();
  {
    FullScreen screen{terminal.program.get(), terminal.program.get()};
    CHECK((terminal.settings().c_lflag & (ICANON | ECHO)) == 0);
    CHECK((terminal.settings().c_lflag & ISIG) != 0);  // Ctrl-C is still a signal
    CHECK(terminal.shown().starts_with("\x1b[?1049h"));
    REQUIRE(::write(terminal.person.get(), "q", 1) == 1);
    CHECK(screen.take_keys() == "q");
  }
  auto const after = terminal.settings();
  CHECK(after.c_lflag == before.c_lflag);
  CHECK(after.c_cc[VSUSP] == before.c_cc[VSUSP]);
  CHECK(terminal.shown() == "\x1b[?25h\x1b[?1049l");
}

TEST_CASE("a page is drawn over the one before, and only if it is another") {
  Terminal const terminal;
  FullScreen screen{terminal.program.get(), terminal.program.get()};
  terminal.shown();
  CHECK(screen.draw("one\ntwo\n"));
  CHECK(terminal.shown() == "\x1b[Hone\x1b[K\r\r\ntwo\x1b[K\x1b[J");
  CHECK(screen.draw("one\ntwo\n"));
  CHECK(terminal.shown() == "");
  CHECK(screen.draw("one\n"));
  CHECK(terminal.shown() == "\x1b[Hone\x1b[K\x1b[J");
}

TEST_CASE("a full screen knows the size of its terminal at any time, and has no keys without one") {
  Terminal const terminal;
  Fd const nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  FullScreen const screen{nothing.get(), terminal.program.get()};
  CHECK(screen.keys() == -1);
  terminal.resize(100, 40);
  CHECK(screen.size().columns == 100);
  CHECK(screen.size().rows == 40);
  terminal.resize(30, 5);
  CHECK(screen.size().columns == 30);
  terminal.resize(0, 0);  // as some serial lines have it
  CHECK(screen.size().columns == 80);
}

TEST_SUITE_END();
