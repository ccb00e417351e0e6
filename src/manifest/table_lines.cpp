#include "manifest/table_lines.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "manifest/text.h"

namespace wanspool::yaml {
namespace {

constexpr std::size_t kPiece = 32u << 10;

// Offset of the first byte that is not UTF-8, or the text's size.
std::size_t utf8_until(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    auto const length = sequence_length(text, at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

bool is_control(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

// A device or a fifo could make us wait for ever, so nothing but a regular file is read.
std::string why_not(int file) {
  if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) return "there is no such file";
  if (file < 0) return fmt::format("it cannot be opened: {}", std::strerror(errno));
  struct stat found {};
  if (::fstat(file, &found) != 0) return fmt::format("it cannot be read: {}", std::strerror(errno));
  if (S_ISDIR(found.st_mode)) return "it is a folder; name a file in it";
  if (!S_ISREG(found.st_mode)) return "it is a device or a pipe; rows are read from regular files";
  return {};
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string control_in(std::string_view text) {
  auto const found = std::find_if(text.begin(), text.end(), is_control);
  if (found == text.end()) return {};
  return fmt::format("the control character U+{:04X} cannot stand in a text; take it out",
                     static_cast<unsigned char>(*found));
}

Lines::Lines(std::filesystem::path const& path, std::string remedy)
    : file_{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)}, remedy_{std::move(remedy)} {
  if (auto reason = why_not(file_.get()); !reason.empty()) {
    fail({0, 0, std::move(reason)});
    return;
  }
  buffer_.resize(kPiece);
  while (end_ < 4 && fill()) {
  }
  if (!trouble_) check_beginning();
}

void Lines::check_beginning() {
  auto const start = std::string_view{buffer_}.substr(0, end_);
  auto const utf16 = start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF") ||
                     (start.size() > 1 && (start[0] == '\0') != (start[1] == '\0'));
  if (utf16) return fail({1, 1, fmt::format("this file is UTF-16; {}", remedy_)});
  if (start.starts_with("PK\x03\x04"))
    return fail({1, 1, fmt::format("this file is a workbook or another kind of zip; {}", remedy_)});
  if (start.starts_with("\xEF\xBB\xBF")) begin_ = 3;
}

std::optional<std::string_view> Lines::next() {
  if (trouble_) return {};
  auto end = line_end();
  while (end == end_ && !ended_) {
    if (end_ - begin_ > kMostRow) break;
    if (!fill() && trouble_) return {};
    end = line_end();
  }
  if (begin_ == end_) return {};
  if (number_ < std::numeric_limits<int>::max()) ++number_;
  if (end - begin_ > kMostRow) {
    fail({number_, 1, "this line is longer than 1 MiB; is this a file of rows?"});
    return {};
  }
  auto const line = std::string_view{buffer_}.substr(begin_, end - begin_);
  begin_ = end;
  check(line);
  if (trouble_) return {};
  return line;
}

// Past the end of the first line; end_ where it is not read to its end.
std::size_t Lines::line_end() {
  auto const lf = seek(lf_), cr = seek(cr_);
  if (lf <= cr) return std::min(lf + 1, end_);
  // A CR at the end of what is read may be half of an end.
  if (cr + 1 == end_) return end_;
  return buffer_[cr + 1] == '\n' ? cr + 2 : cr + 1;
}

std::size_t Lines::seek(Mark& mark) const {
  mark.at = std::max(mark.at, begin_);
  if (mark.at >= end_ || buffer_[mark.at] == mark.wanted) return mark.at;
  auto const* const found = std::memchr(buffer_.data() + mark.at, mark.wanted, end_ - mark.at);
  return mark.at = found ? static_cast<std::size_t>(static_cast<char const*>(found) - buffer_.data()) : end_;
}

// Reads on; false at the end of the file or in trouble.
bool Lines::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    for (auto* const place : {&end_, &lf_.at, &cr_.at}) *place -= std::min(*place, begin_);
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kPiece / 2) buffer_.resize(buffer_.size() + kPiece);
  auto count = ::read(file_.get(), buffer_.data() + end_, buffer_.size() - end_);
  while (count < 0 && errno == EINTR)
    count = ::read(file_.get(), buffer_.data() + end_, buffer_.size() - end_);
  if (count < 0) fail({0, 0, fmt::format("it cannot be read: {}", std::strerror(errno))});
  if (count <= 0) return ended_ = true, false;
  end_ += static_cast<std::size_t>(count);
  return true;
}

void Lines::check(std::string_view line) {
  auto const at = utf8_until(line);
  if (at == line.size()) return;
  fail({number_, static_cast<int>(characters(line.substr(0, at))) + 1,
        fmt::format("byte 0x{:02X} is not UTF-8; {}", static_cast<unsigned char>(line[at]), remedy_)});
}

}  // namespace wanspool::yaml
