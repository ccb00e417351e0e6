#include "app/screen.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

Instant const kNow{seconds{1'700'000'000}};

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

// Two files in the place of a terminal's two streams.
struct Paper {
  std::unique_ptr<std::FILE, Close> out{std::tmpfile()}, err{std::tmpfile()};

  static std::string text_of(std::FILE* file) {
    std::string text;
    std::rewind(file);
    std::array<char, 4096> piece;
    while (auto const got = std::fread(piece.data(), 1, piece.size(), file)) text.append(piece.data(), got);
    return text;
  }
};

Progress waiting(std::int64_t jobs) {
  Progress progress;
  progress.currency = "CNY";
  progress.tally.tasks[static_cast<std::size_t>(State::Queued)] = jobs;
  return progress;
}

std::size_t lines(std::string const& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("without a terminal a line comes when something changed, and not too often") {
  Paper paper;
  Screen screen{Screen::Mode::Plain, paper.out.get(), paper.err.get()};
  screen.progress(waiting(9), kNow);
  screen.progress(waiting(8), kNow + seconds{1});
  screen.progress(waiting(8), kNow + seconds{6});
  screen.progress(waiting(8), kNow + seconds{60});
  CHECK(lines(Paper::text_of(paper.err.get())) == 2);
}

TEST_CASE("the time that is left is no news by itself") {
  Paper paper;
  Screen screen{Screen::Mode::Plain, paper.out.get(), paper.err.get()};
  auto progress = waiting(9);
  for (int i = 0; i < 5; ++i) {
    progress.left = minutes{9 - i};
    screen.progress(progress, kNow + minutes{i});
  }
  CHECK(lines(Paper::text_of(paper.err.get())) == 1);
}

TEST_CASE("a live line is rewritten in place and gone at the end") {
  Paper paper;
  {
    Screen screen{Screen::Mode::Live, paper.out.get(), paper.err.get()};
    screen.progress(waiting(9), kNow);
    screen.progress(waiting(8), kNow);
  }
  auto const text = Paper::text_of(paper.err.get());
  CHECK(lines(text) == 0);
  CHECK(text.ends_with("\r\x1b[K"));
}

TEST_CASE("what stays is said above the live line") {
  Paper paper;
  Screen screen{Screen::Mode::Live, paper.out.get(), paper.err.get()};
  screen.progress(waiting(9), kNow);
  screen.say("accepted cats.yaml");
  auto const text = Paper::text_of(paper.err.get());
  CHECK(text.find("\r\x1b[Kaccepted cats.yaml\n\r\x1b[Kdone") != text.npos);
}

TEST_CASE("what hinders is said once for terminals that are too narrow for the whole line") {
  Paper paper;
  Screen screen{Screen::Mode::Live, paper.out.get(), paper.err.get()};
  auto progress = waiting(9);
  for (auto const* const time : {"20 s", "19 s", "18 s"}) {
    progress.hinders = std::string{"wan2.6-image: throttled for "} + time + ": slow down";
    screen.progress(progress, kNow);
  }
  auto const text = Paper::text_of(paper.err.get());
  CHECK(lines(text) == 1);
  CHECK(text.find("throttled for 20 s: slow down\n") != text.npos);
}

TEST_CASE("pictures go to standard output, one path a line, and nothing else does") {
  Paper paper;
  Screen screen{Screen::Mode::Live, paper.out.get(), paper.err.get()};
  screen.progress(waiting(1), kNow);
  screen.picture("/srv/out/cats/hero/image-1.png");
  screen.say("done");
  CHECK(Paper::text_of(paper.out.get()) == "/srv/out/cats/hero/image-1.png\n");
}

TEST_SUITE_END();
