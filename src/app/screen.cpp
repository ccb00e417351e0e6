#include "app/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/harmless.h"

namespace wanspool::app {
namespace {

constexpr milliseconds kPlainEvery{5000};
constexpr char kEraseLine[] = "\r\x1b[K";

// What stands in the way, without the time that moves by itself.
std::string kind_of(std::string const& hinders) {
  return hinders.substr(0, hinders.find(" for "));
}

// The time left is no news either.
std::string news_of(Progress progress) {
  progress.left = {};
  progress.hinders = kind_of(progress.hinders);
  return progress_line(progress);
}

}  // namespace

int columns_of(std::FILE* stream) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

Screen::Mode Screen::mode_of(std::FILE* stream) {
  auto const* const terminal = std::getenv("TERM");
  bool const moves = terminal && *terminal && std::string_view{terminal} != "dumb";
  return moves && ::isatty(::fileno(stream)) ? Mode::Live : Mode::Plain;
}

void Screen::progress(Progress const& progress, Instant now) {
  if (mode_ == Mode::Live) {
    tell_hindrance(progress.hinders);
    return draw(progress_line(progress));
  }
  if (said_at_ != Instant{} && now < said_at_ + kPlainEvery) return;
  auto news = news_of(progress);
  if (news == said_) return;
  say(progress_line(progress));
  said_ = std::move(news);
  said_at_ = now;
}

void Screen::end(Progress const& progress) {
  if (news_of(progress) != said_) say(progress_line(progress));
}

// A narrow terminal cuts the end of the line off, and there stands what a person may have to mend.
void Screen::tell_hindrance(std::string const& hinders) {
  auto kind = kind_of(hinders);
  if (kind.empty() || kind == hindrance_said_) return;
  say(hinders);
  hindrance_said_ = std::move(kind);
}

void Screen::draw(std::string line) {
  // The last column stays free: some terminals wrap as soon as it is written.
  line = cut_to(line, columns_of(err_) - 1);
  if (line == drawn_) return;
  std::fputs(kEraseLine, err_);
  std::fputs(line.c_str(), err_);
  std::fflush(err_);
  drawn_ = std::move(line);
}

void Screen::clear() {
  if (drawn_.empty()) return;
  std::fputs(kEraseLine, err_);
  std::fflush(err_);
  drawn_.clear();
}

void Screen::say(std::string_view text) {
  auto const line = drawn_;
  clear();
  std::fputs((harmless_lines(text) + "\n").c_str(), err_);
  if (!line.empty()) draw(line);
  std::fflush(err_);
}

void Screen::picture(std::filesystem::path const& path) {
  auto const line = drawn_;
  clear();
  std::fputs((path.string() + "\n").c_str(), out_);
  std::fflush(out_);
  if (!line.empty()) draw(line);
}

}  // namespace wanspool::app
