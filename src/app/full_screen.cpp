#include "app/full_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace wanspool::app {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

}  // namespace

FullScreen::FullScreen(int input, int output) : input_{input}, output_{output} {
  has_keys_ = ::isatty(input_) && ::tcgetattr(input_, &before_) == 0;
  if (has_keys_) {
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // who is suspended leaves the page standing there
    ::tcsetattr(input_, TCSADRAIN, &raw);
  }
  write(kEnter);
}

FullScreen::~FullScreen() {
  write(kLeave);
  if (has_keys_) ::tcsetattr(input_, TCSADRAIN, &before_);
}

FullScreen::Size FullScreen::size() const {
  winsize now{};
  if (::ioctl(output_, TIOCGWINSZ, &now) != 0 || now.ws_col == 0 || now.ws_row == 0) return {};
  return {now.ws_col, now.ws_row};
}

bool FullScreen::draw(std::string_view lines) {
  std::string text = "\x1b[H";
  while (!lines.empty()) {
    auto const end = lines.find('\n');
    text += lines.substr(0, end);
    text += "\x1b[K";
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
    // The end of the last line would move all of them up.
    if (!lines.empty()) text += "\r\n";
  }
  text += "\x1b[J";
  if (text == drawn_) return true;
  drawn_ = std::move(text);
  return write(drawn_);
}

std::string FullScreen::take_keys() {
  std::array<char, 64> keys{};
  auto const got = ::read(input_, keys.data(), keys.size());
  return got > 0 ? std::string{keys.data(), static_cast<std::size_t>(got)} : std::string{};
}

bool FullScreen::write(std::string_view text) const {
  while (!text.empty()) {
    auto const sent = ::write(output_, text.data(), text.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace wanspool::app
