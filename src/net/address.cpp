#include "net/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <span>

namespace wanspool {
namespace {

using Bytes4 = std::array<unsigned char, 4>;
using Bytes16 = std::array<unsigned char, 16>;

template <typename Bytes>
struct Network {
  Bytes prefix;
  int bits;
  std::string_view name;
};

constexpr std::string_view kPrivate = "a private network";
constexpr std::string_view kLoopback = "the loopback";
constexpr std::string_view kLinkLocal = "a link-local network";
constexpr std::string_view kMulticast = "a multicast network";
constexpr std::string_view kReserved = "a reserved network";

// 198.18.0.0/15 is left out: VPN clients hand it out as a stand-in for every name they resolve.
constexpr Network<Bytes4> kNetworks4[] = {
    {{0}, 8, "the unspecified address"},
    {{10}, 8, kPrivate},
    {{100, 64}, 10, "a carrier's private network"},
    {{127}, 8, kLoopback},
    {{169, 254}, 16, kLinkLocal},
    {{172, 16}, 12, kPrivate},
    {{192, 0, 0}, 24, kReserved},
    {{192, 0, 2}, 24, kReserved},
    {{192, 168}, 16, kPrivate},
    {{198, 51, 100}, 24, kReserved},
    {{203, 0, 113}, 24, kReserved},
    {{224}, 4, kMulticast},
    {{240}, 4, kReserved},
};

constexpr Network<Bytes16> kNetworks6[] = {
    {{}, 128, "the unspecified address"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, kLoopback},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, kPrivate},
    {{0x01}, 64, kReserved},
    {{0x20, 0x01}, 32, kReserved},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, kReserved},
    {{0xfc}, 7, kPrivate},
    {{0xfe, 0x80}, 10, kLinkLocal},
    {{0xfe, 0xc0}, 10, kPrivate},
    {{0xff}, 8, kMulticast},
};

// Prefixes behind which an IPv4 address stands, and at which byte.
struct Carrier {
  Bytes16 prefix;
  int bits;
  std::size_t at;
};
constexpr Carrier kCarriers[] = {
    {{}, 96, 12},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},
    {{0x20, 0x02}, 16, 2},
};

template <typename Bytes>
bool within(Bytes const& address, Bytes const& prefix, int bits) {
  auto const whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(prefix.begin(), prefix.begin() + whole, address.begin())) return false;
  auto const mask = static_cast<unsigned char>(0xff00 >> (bits % 8));
  return bits % 8 == 0 || (address[whole] & mask) == (prefix[whole] & mask);
}

template <typename Bytes>
std::string_view find(std::span<Network<Bytes> const> networks, Bytes const& address) {
  for (auto const& each : networks)
    if (within(address, each.prefix, each.bits)) return each.name;
  return {};
}

std::string_view inner_network6(Bytes16 const& address) {
  if (auto const name = find<Bytes16>(kNetworks6, address); !name.empty()) return name;
  for (auto const& each : kCarriers) {
    if (!within(address, each.prefix, each.bits)) continue;
    Bytes4 carried{};
    std::copy_n(address.begin() + each.at, carried.size(), carried.begin());
    return find<Bytes4>(kNetworks4, carried);
  }
  return {};
}

struct CloseUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::unique_ptr<char, decltype(&curl_free)> const owner{text, &curl_free};
  return text;
}

bool may_stand_in_a_url(char byte) {
  return byte > ' ' && byte < 0x7f;
}

void read_parts(CURLU* url, Target& target) {
  target.host = part_of(url, CURLUPART_HOST);
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  auto const port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), target.port);
  target.query = part_of(url, CURLUPART_QUERY);
  auto const scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    target.wrong = fmt::format("an address begins with http:// or https://, not with {}://", scheme);
}

}  // namespace

std::string_view inner_network(std::string_view address) {
  std::string const digits{address.substr(0, address.find('%'))};  // fe80::1%eth0
  if (Bytes4 bytes; inet_pton(AF_INET, digits.c_str(), bytes.data()) == 1)
    return find<Bytes4>(kNetworks4, bytes);
  if (Bytes16 bytes; inet_pton(AF_INET6, digits.c_str(), bytes.data()) == 1) return inner_network6(bytes);
  return {};
}

std::string Target::place() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::string joined_url(std::string const& url, std::string const& location) {
  std::unique_ptr<CURLU, CloseUrl> const parsed{curl_url()};
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) return {};
  if (curl_url_set(parsed.get(), CURLUPART_URL, location.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) return {};
  return part_of(parsed.get(), CURLUPART_URL);
}

Target target_of(std::string const& url) {
  Target target;
  if (!std::all_of(url.begin(), url.end(), may_stand_in_a_url)) {
    target.wrong =
        "the address holds a byte that no URL may hold (a space, a control or a non-ASCII character); "
        "percent-encode it";
    return target;
  }
  std::unique_ptr<CURLU, CloseUrl> const parsed{curl_url()};
  auto const code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(),
                                 CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS | CURLU_DISALLOW_USER);
  if (code == CURLUE_OK)
    read_parts(parsed.get(), target);
  else
    target.wrong = fmt::format("the address is not a URL that can be asked: {}", curl_url_strerror(code));
  return target;
}

}  // namespace wanspool
