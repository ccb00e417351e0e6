#include "emulator/wire.h"

#include <fmt/format.h>
#include <time.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace wanspool::emulator {
namespace {

constexpr std::size_t kHeadLimit = 64u << 10;

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

bool number(std::string_view text, int base, std::size_t& value) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

char const* reason(int status) {
  static std::map<int, char const*> const kReasons{{200, "OK"},
                                                   {204, "No Content"},
                                                   {206, "Partial Content"},
                                                   {400, "Bad Request"},
                                                   {401, "Unauthorized"},
                                                   {403, "Forbidden"},
                                                   {404, "Not Found"},
                                                   {405, "Method Not Allowed"},
                                                   {409, "Conflict"},
                                                   {411, "Length Required"},
                                                   {413, "Payload Too Large"},
                                                   {416, "Range Not Satisfiable"},
                                                   {429, "Too Many Requests"},
                                                   {431, "Request Header Fields Too Large"},
                                                   {500, "Internal Server Error"},
                                                   {501, "Not Implemented"},
                                                   {502, "Bad Gateway"},
                                                   {503, "Service Unavailable"},
                                                   {504, "Gateway Timeout"}};
  auto const found = kReasons.find(status);
  return found == kReasons.end() ? "Answer" : found->second;
}

std::string in_chunks(std::string_view body) {
  constexpr std::size_t kPiece = 16u << 10;
  std::string out;
  while (!body.empty()) {
    auto const piece = body.substr(0, kPiece);
    out += fmt::format("{:x}\r\n", piece.size());
    out.append(piece).append("\r\n");
    body.remove_prefix(piece.size());
  }
  return out + "0\r\n\r\n";
}

bool wants_gzip(Answer const& answer, Asked const& asked) {
  if (answer.manner.gzip) return !answer.body.empty();
  return answer.gzip_asked && answer.body.size() > 400 &&
         asked.header("accept-encoding").find("gzip") != std::string_view::npos;
}

}  // namespace

bool Asked::has(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](auto const& each) { return each.name == name; });
}

std::string_view Asked::header(std::string_view name) const {
  for (auto const& each : headers)
    if (each.name == name) return each.value;
  return {};
}

std::string_view Asked::key() const {
  auto const value = header("authorization");
  auto const space = value.find(' ');
  if (space == std::string_view::npos || lower(value.substr(0, space)) != "bearer") return {};
  return trimmed(value.substr(space));
}

Reader::State Reader::read(std::string& buffer) {
  for (;;) {
    auto const before = part_;
    auto state = State::More;
    switch (part_) {
      case Part::Head:
        state = head(buffer);
        break;
      case Part::Sized:
        state = sized(buffer);
        break;
      case Part::ChunkSize:
        state = chunk_size(buffer);
        break;
      case Part::Chunk:
        state = chunk(buffer);
        break;
      case Part::Trailer:
        state = trailer(buffer);
        break;
    }
    if (state != State::More || part_ == before) return state;
  }
}

Reader::State Reader::bad(int status) {
  complaint_ = status;
  return State::Bad;
}

bool Reader::wants_continue() {
  return std::exchange(continue_, false);
}

bool Reader::request_line(std::string_view line) {
  auto const first = line.find(' ');
  auto const last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  auto const version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  asked_.method = line.substr(0, first);
  asked_.one_dot_one = asked_.keep_alive = version == "HTTP/1.1";
  auto target = line.substr(first + 1, last - first - 1);
  if (target.starts_with("http://")) {  // absolute form, as a proxy gets it
    auto const slash = target.find('/', 7);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  auto const mark = target.find('?');
  asked_.path = target.substr(0, mark);
  if (mark != std::string_view::npos) asked_.query = target.substr(mark + 1);
  return !asked_.path.empty() && asked_.path.front() == '/';
}

Reader::State Reader::head(std::string& buffer) {
  while (scanned_ == 0 && buffer.starts_with("\r\n")) buffer.erase(0, 2);  // tolerated between requests
  auto const from = scanned_ < 3 ? 0 : scanned_ - 3;
  auto const end = buffer.find("\r\n\r\n", from);
  if (end == std::string::npos) {
    scanned_ = buffer.size();
    return buffer.size() > kHeadLimit ? bad(431) : State::More;
  }
  asked_ = {};
  std::string_view rest{buffer.data(), end + 2};
  for (bool first = true; !rest.empty(); first = false) {
    auto const line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (first) {
      if (!request_line(line)) return bad(400);
      continue;
    }
    auto const colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return bad(400);
    asked_.headers.push_back({lower(line.substr(0, colon)), std::string{trimmed(line.substr(colon + 1))}});
  }
  buffer.erase(0, end + 4);
  scanned_ = 0;
  return framing();
}

Reader::State Reader::framing() {
  auto const connection = lower(asked_.header("connection"));
  if (connection.find("close") != std::string::npos) asked_.keep_alive = false;
  if (connection.find("keep-alive") != std::string::npos) asked_.keep_alive = true;
  continue_ = lower(asked_.header("expect")) == "100-continue";
  if (asked_.has("transfer-encoding")) {
    if (lower(asked_.header("transfer-encoding")) != "chunked" || asked_.has("content-length"))
      return bad(400);
    part_ = Part::ChunkSize;
    return State::More;
  }
  left_ = 0;
  if (asked_.has("content-length") && !number(asked_.header("content-length"), 10, left_)) return bad(400);
  if (left_ > body_limit_) return bad(413);
  if (left_ == 0) return State::Done;
  part_ = Part::Sized;
  return State::More;
}

Reader::State Reader::sized(std::string& buffer) {
  if (asked_.body.empty() && buffer.size() == left_) {
    asked_.body.swap(buffer);
    left_ = 0;
  } else {
    auto const piece = std::min(left_, buffer.size());
    asked_.body.append(buffer, 0, piece);
    buffer.erase(0, piece);
    left_ -= piece;
  }
  if (left_ > 0) return State::More;
  part_ = Part::Head;
  return State::Done;
}

Reader::State Reader::chunk_size(std::string& buffer) {
  auto const end = buffer.find("\r\n");
  if (end == std::string::npos) return buffer.size() > 1024 ? bad(400) : State::More;
  auto const line = std::string_view{buffer}.substr(0, end);
  if (!number(trimmed(line.substr(0, line.find(';'))), 16, left_)) return bad(400);
  if (left_ > body_limit_ || asked_.body.size() + left_ > body_limit_) return bad(413);
  buffer.erase(0, end + 2);
  part_ = left_ == 0 ? Part::Trailer : Part::Chunk;
  return State::More;
}

Reader::State Reader::chunk(std::string& buffer) {
  if (buffer.size() < left_ + 2) return State::More;
  if (buffer.compare(left_, 2, "\r\n") != 0) return bad(400);
  asked_.body.append(buffer, 0, left_);
  buffer.erase(0, left_ + 2);
  part_ = Part::ChunkSize;
  return State::More;
}

Reader::State Reader::trailer(std::string& buffer) {
  for (;;) {
    auto const end = buffer.find("\r\n");
    if (end == std::string::npos) return buffer.size() > kHeadLimit ? bad(431) : State::More;
    buffer.erase(0, end + 2);
    if (end > 0) continue;
    part_ = Part::Head;
    return State::Done;
  }
}

Bytes encode(Answer const& answer, Asked const& asked) {
  auto const& manner = answer.manner;
  auto const packed = wants_gzip(answer, asked);
  auto const body = packed ? gzipped(answer.body) : answer.body;
  auto const chunked = (answer.chunked || manner.chunked) && asked.one_dot_one && !manner.wrong_length;
  auto const bodiless = answer.status == 204 || asked.method == "HEAD";
  Bytes out;
  out.close = !asked.keep_alive || manner.half || manner.wrong_length;
  out.text = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
  for (auto const& each : answer.headers)
    out.text.append(each.name).append(": ").append(each.value).append("\r\n");
  if (packed) out.text += "content-encoding: gzip\r\n";
  if (!asked.keep_alive) out.text += "connection: close\r\n";
  if (answer.status != 204) {
    if (chunked)
      out.text += "transfer-encoding: chunked\r\n";
    else
      out.text += fmt::format("content-length: {}\r\n", body.size() + (manner.wrong_length ? 777 : 0));
  }
  out.text += "\r\n";
  if (bodiless) return out;
  auto const framed = chunked ? in_chunks(body) : body;
  out.text.append(framed, 0, manner.half ? framed.size() / 2 : framed.size());
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t byte = 0;
    if (text[i] == '%' && i + 2 < text.size() && number(text.substr(i + 1, 2), 16, byte)) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (auto const c : text) {
    auto const plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::map<std::string, std::string> parameters(std::string_view query) {
  std::map<std::string, std::string> out;
  while (!query.empty()) {
    auto const pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    auto const equals = pair.find('=');
    auto const value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    if (!pair.empty()) out[percent_decoded(pair.substr(0, equals))] = percent_decoded(value);
  }
  return out;
}

std::string gzipped(std::string_view text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, 1, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error{"zlib has no memory to pack an answer"};
  std::string in{text};
  std::string out(deflateBound(&stream, static_cast<uLong>(in.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string http_date(Instant at) {
  std::time_t const stamp = std::chrono::floor<seconds>(at).time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&stamp, &utc);
  static constexpr char const* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr char const* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                     kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace wanspool::emulator
