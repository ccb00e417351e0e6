#include "engine/hosts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/glob.h"
#include "net/address.h"
#include "provider/addresses.h"

namespace wanspool {
namespace {

// "a.b.c" as the parts that a glob knows, in lower case: names of hosts have none other.
std::string parts_of(std::string host) {
  for (auto& each : host) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each | 0x20);
    if (each == '.') each = '/';
  }
  return host;
}

bool is_loopback(std::string const& host) {
  return host == "localhost" || inner_network(host) == "the loopback";
}

}  // namespace

Hosts::Hosts(std::string setting, std::vector<std::string> more, Plain plain, bool emulator)
    : setting_{std::move(setting)}, patterns_{std::move(more)}, plain_{plain}, emulator_{emulator} {
  for (auto const& each : provider::storage_hosts()) patterns_.push_back(each);
  for (auto& each : patterns_) each = parts_of(std::move(each));
}

std::string Hosts::why_not(std::string const& url) const {
  auto const target = target_of(url);
  if (!target.wrong.empty()) return "the service gave an address that cannot be asked: " + target.wrong;
  if (emulator_ && is_loopback(target.host)) return {};
  auto const host = parts_of(target.host);
  auto const fits = [&](std::string const& pattern) { return glob_matches(pattern, host); };
  if (std::none_of(patterns_.begin(), patterns_.end(), fits))
    return fmt::format(
        "the service's answer leads to {}, which is not known to be its storage; if it is, add it to {} in "
        "the configuration",
        target.host, setting_);
  if (plain_ == Plain::Refused && !url.starts_with("https://"))
    return fmt::format("the service's answer leads to {} over plain http, by which no picture is sent",
                       target.host);
  return {};
}

}  // namespace wanspool
