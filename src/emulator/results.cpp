#include "emulator/results.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>

#include "emulator/picture.h"

namespace wanspool::emulator {
namespace {

constexpr std::size_t kRecentBytes = 64u << 20;
constexpr std::size_t kRecentCount = 256;

// "bytes=5-9", "bytes=5-", "bytes=-4"; false if the header asks for nothing that is there.
bool range_of(std::string_view text, std::size_t size, std::size_t& from, std::size_t& to) {
  text.remove_prefix(6);
  auto const dash = text.find('-');
  if (dash == std::string_view::npos) return false;
  auto const read = [](std::string_view digits, std::size_t& value) {
    return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{};
  };
  if (dash == 0) {
    std::size_t last = 0;
    if (!read(text.substr(1), last) || last == 0) return false;
    from = size - std::min(last, size);
    to = size;
    return true;
  }
  if (!read(text.substr(0, dash), from) || from >= size) return false;
  if (!read(text.substr(dash + 1), to)) to = size - 1;
  to = std::min(to + 1, size);
  return from < to;
}

void cut_to_range(Answer& answer, Asked const& asked) {
  auto const range = asked.header("range");
  if (!range.starts_with("bytes=") || range.find(',') != std::string_view::npos) return;
  auto const size = answer.body.size();
  std::size_t from = 0;
  std::size_t to = 0;
  if (!range_of(range, size, from, to)) {
    answer = xml_refusal(416, "InvalidRange", "The requested range cannot be satisfied");
    answer.headers.push_back({"content-range", fmt::format("bytes */{}", size)});
    return;
  }
  answer.status = 206;
  answer.headers.push_back({"content-range", fmt::format("bytes {}-{}/{}", from, to - 1, size)});
  answer.body = answer.body.substr(from, to - from);
}

void spoil(Answer& answer, Fault const& fault) {
  if (fault.not_png) answer.body = "This is not a picture.\n";
  if (fault.cut_png) answer.body.resize(answer.body.size() / 2);
  if (fault.bad_crc && answer.body.size() > 64) answer.body[answer.body.size() / 2] ^= 0x20;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto const length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string unbase64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  auto const length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) return {};
  auto const padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(length - padding));
  return out;
}

std::string signature(std::string_view secret, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest, &length);
  return base64({reinterpret_cast<char const*>(digest), length});
}

Answer xml_refusal(int status, std::string_view code, std::string_view message, std::string_view more) {
  Answer answer;
  answer.status = status;
  answer.headers = {{"content-type", "application/xml"}};
  answer.gzip_asked = false;
  answer.body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>{}</Code>\n  <Message>{}</Message>\n"
      "  <HostId>dashscope-emulated.oss-cn-beijing.aliyuncs.com</HostId>\n{}</Error>\n",
      code, message, more);
  return answer;
}

std::string Results::sum(std::string_view path, std::string_view expires) const {
  return percent_encoded(
      signature(secret_, fmt::format("GET\n\n\n{}\n/dashscope-emulated{}", expires, path)));
}

void Results::sign(Task& task, Instant expires) const {
  // Rounded up: an address never dies before its task does.
  auto const stamp = std::to_string(std::chrono::ceil<seconds>(expires).time_since_epoch().count());
  auto const day = beijing(task.ended).substr(0, 10);
  std::string date;
  std::copy_if(day.begin(), day.end(), std::back_inserter(date), [](char c) { return c != '-'; });
  for (int number = 1; number <= task.drawn; ++number) {
    std::string address;
    // Every signature has an escaped '/' and '+', so that no client gets away with encoding it anew.
    for (std::uint64_t salt = 0;; ++salt) {
      auto const hash = hash_of(task.id, salt * 64 + static_cast<std::uint64_t>(number));
      auto const path = fmt::format("/results/{:02x}/{:02x}/{}/{:08x}/{}-{}.png", hash & 0xff,
                                    hash >> 8 & 0xff, date, hash >> 32, task.id, number);
      auto const sign = sum(path, stamp);
      address = fmt::format("{}?Expires={}&OSSAccessKeyId={}&Signature={}", path, stamp, kAccessKeyId, sign);
      if (sign.find("%2F") != std::string::npos && sign.find("%2B") != std::string::npos) break;
    }
    task.addresses.push_back(std::move(address));
  }
}

std::optional<Answer> Results::refuse(Asked const& asked, bool expired, Instant now) const {
  constexpr char kNoMatch[] =
      "The request signature we calculated does not match the signature you provided. Check your key and "
      "signing method.";
  if (asked.has("authorization"))
    return xml_refusal(
        403, "AccessDenied",
        "Only one auth mechanism allowed: the query is signed, and there is an Authorization header.");
  if (asked.method != "GET") return xml_refusal(403, "SignatureDoesNotMatch", kNoMatch);
  auto const given = parameters(asked.query);
  auto const stamp = given.find("Expires");
  if (stamp == given.end())
    return xml_refusal(403, "AccessDenied", "You have no right to access this object because of bucket acl.");
  auto const right = fmt::format("Expires={}&OSSAccessKeyId={}&Signature={}", stamp->second, kAccessKeyId,
                                 sum(asked.path, stamp->second));
  if (asked.query != right) return xml_refusal(403, "SignatureDoesNotMatch", kNoMatch);
  auto const end = Instant{seconds{std::stoll(stamp->second)}};
  if (!expired && now < end) return std::nullopt;
  return xml_refusal(
      403, "AccessDenied", "Request has expired.",
      fmt::format("  <Expires>{}</Expires>\n  <ServerTime>{}</ServerTime>\n", rfc3339(end), rfc3339(now)));
}

Answer Results::serve(Asked const& asked, World& world, Fault const& fault, Instant now) {
  if (auto refusal = refuse(asked, fault.expired, now)) return *refusal;
  auto const name = std::string_view{asked.path}.substr(asked.path.rfind('/') + 1);
  constexpr std::size_t kIdLength = 36;
  auto* const task = world.find(name.substr(0, kIdLength), now);
  int number = 0;
  if (name.size() > kIdLength + 1)
    std::from_chars(name.data() + kIdLength + 1, name.data() + name.size(), number);
  if (!task || number < 1 || number > task->drawn)
    return xml_refusal(404, "NoSuchKey", "The specified key does not exist.");
  Answer answer;
  answer.gzip_asked = false;
  answer.headers = {
      {"content-type", "image/png"},
      {"accept-ranges", "bytes"},
      {"last-modified", http_date(task->ended)},
      {"etag", fmt::format("\"{:016X}\"", hash_of(task->id, static_cast<std::uint64_t>(number)))}};
  answer.body = picture(*task, number);
  spoil(answer, fault);
  cut_to_range(answer, asked);
  if (fault.delivers()) ++task->fetched[static_cast<std::size_t>(number - 1)];
  return answer;
}

std::string Results::draw(Task const& task, int number) const {
  auto const& order = task.order;
  auto const size = options_.picture_size.value_or(order.size);
  auto const seed = order.seed ? std::to_string(*order.seed) : "random";
  Scene scene{order.prompt,
              fmt::format("{}  {}*{}  seed {}  picture {} of {}  emulated", order.model, size.width,
                          size.height, seed, number, task.drawn),
              hash_of(order.prompt, order.seed.value_or(0) * 16 + static_cast<std::uint64_t>(number))};
  return draw_png(scene, size);
}

std::string const& Results::picture(Task const& task, int number) {
  if (options_.picture_bytes > 0) {
    auto const size = options_.picture_size.value_or(task.order.size);
    auto& known = plain_[fmt::format("{}x{}", size.width, size.height)];
    if (known.empty()) known = plain_png(size, options_.picture_bytes);
    return known;
  }
  auto const name = fmt::format("{}-{}", task.id, number);
  auto const found =
      std::find_if(recent_.begin(), recent_.end(), [&](auto const& each) { return each.first == name; });
  if (found != recent_.end()) {
    recent_.splice(recent_.begin(), recent_, found);
    return recent_.front().second;
  }
  recent_.emplace_front(name, draw(task, number));
  recent_bytes_ += recent_.front().second.size();
  while (recent_.size() > 1 && (recent_bytes_ > kRecentBytes || recent_.size() > kRecentCount)) {
    recent_bytes_ -= recent_.back().second.size();
    recent_.pop_back();
  }
  return recent_.front().second;
}

}  // namespace wanspool::emulator
