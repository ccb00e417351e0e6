#include "net/incoming_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wanspool {
namespace {

constexpr std::size_t kHeadMost = 64u << 10;
constexpr std::size_t kErrorBodyMost = 64u << 10;  // of an error page that came instead of a download

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& each : result)
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  return result;
}

// "HTTP/1.1 200 OK" is 200.
int status_in(std::string_view line) {
  auto const code = trimmed(line.substr(std::min(line.find(' '), line.size())));
  int status = 0;
  std::from_chars(code.data(), code.data() + code.size(), status);
  return status;
}

bool success(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

bool IncomingReply::take_head_line(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    in_head_ = true;
    head_status_ = status_in(line);
    reply_.headers.clear();
  }
  head_bytes_ += line.size();
  if (head_bytes_ > kHeadMost) {
    complaint_ = fmt::format("the answer's head is longer than {} bytes", kHeadMost);
    return false;
  }
  if (!in_head_) return true;  // the trailer of a chunked body says nothing that we need
  if (trimmed(line).empty()) {
    in_head_ = false;
    reply_.status = head_status_ < 200 ? 0 : head_status_;  // 1xx: the real head is still to come
  } else if (auto const colon = line.find(':'); colon != std::string_view::npos) {
    reply_.headers.push_back(
        {lower(trimmed(line.substr(0, colon))), std::string{trimmed(line.substr(colon + 1))}});
  }
  return true;
}

bool IncomingReply::take_body(std::string_view bytes) {
  body_bytes_ += bytes.size();
  if (body_bytes_ > request_.body_limit) {
    complaint_ = fmt::format("the body is longer than the {} bytes allowed", request_.body_limit);
    return false;
  }
  if (for_sink()) return begin_sink() && feed_sink(bytes);
  auto const room = request_.sink ? kErrorBodyMost - reply_.body.size() : bytes.size();
  reply_.body.append(bytes.substr(0, room));
  return true;
}

bool IncomingReply::end() {
  return !for_sink() || begin_sink();
}

bool IncomingReply::for_sink() const {
  return request_.sink && success(reply_.status);
}

bool IncomingReply::begin_sink() {
  if (sink_begun_) return true;
  sink_begun_ = true;
  return request_.sink->begin(reply_.status, reply_.header("content-range")) || unwanted();
}

bool IncomingReply::feed_sink(std::string_view bytes) {
  return request_.sink->take(bytes) || unwanted();
}

bool IncomingReply::unwanted() {
  complaint_ = request_.sink->complaint();
  if (complaint_.empty()) complaint_ = "the body was not wanted";
  return false;
}

}  // namespace wanspool
