#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/regions.h"
#include "provider/provider.h"

namespace wanspool::provider {
namespace {

std::string host_of(std::string_view base) {
  if (auto const scheme = base.find("://"); scheme != base.npos) base.remove_prefix(scheme + 3);
  base = base.substr(0, base.find_first_of("/?#"));
  // What stands before an '@' is a name, and "localhost@elsewhere" is elsewhere.
  if (auto const at = base.rfind('@'); at != base.npos) base.remove_prefix(at + 1);
  if (base.starts_with('['))
    base = base.substr(1, base.find(']') - 1);
  else
    base = base.substr(0, base.find(':'));
  std::string host{base};
  for (auto& each : host) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  if (host.ends_with('.')) host.pop_back();
  return host;
}

// "127.example.com" is a name like any other, so only a whole address counts.
bool is_loopback(std::string const& host) {
  if (host == "localhost") return true;
  std::array<unsigned char, 16> address{};
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) return address[0] == 127;
  if (inet_pton(AF_INET6, host.c_str(), address.data()) != 1) return false;
  return address.back() == 1 && std::count(address.begin(), address.end(), 0) == 15;
}

}  // namespace

std::string region_of(std::string_view base) {
  auto const host = host_of(base);
  if (is_loopback(host)) return "loopback";
  for (auto const& region : kRegions)
    if (!host.empty() && host == region.host) return std::string{region.name};
  // "{WorkspaceId}.REGION.maas.aliyuncs.com", "trial." and "token-plan." alike.
  for (auto const& region : kRegions)
    if (host.ends_with("." + std::string{region.name} + ".maas.aliyuncs.com"))
      return std::string{region.name};
  return "unknown";
}

}  // namespace wanspool::provider
