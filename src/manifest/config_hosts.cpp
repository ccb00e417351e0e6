#include "manifest/config_hosts.h"

#include <fmt/format.h>

#include "manifest/fields.h"

namespace wanspool::yaml {
namespace {

// Why this can be no host; "" if it can.
std::string wrong_host(std::string const& host) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789-.*";
  auto const wanted =
      fmt::format("a host is written like storage.example.com or *.oss-cn-beijing.aliyuncs.com, not '{}'",
                  shortened(host));
  if (host.find("://") != host.npos || host.find('/') != host.npos || host.find(':') != host.npos)
    return wanted + "; without scheme, port and path";
  if (host.find_first_not_of(kPlain) != host.npos || host.find("..") != host.npos ||
      host.find("**") != host.npos || host.starts_with('.') || host.ends_with('.'))
    return wanted;
  auto const wild = host.rfind('*');
  auto const last = host.rfind('.');
  if (wild == host.npos) return {};
  bool const open = last == host.npos || last == 0 || wild > host.rfind('.', last - 1) ||
                    host.rfind('.', last - 1) == host.npos;
  return open ? fmt::format("'{}' would let in hosts of anybody; the last two parts are written out", host)
              : std::string{};
}

}  // namespace

std::optional<std::vector<std::string>> read_hosts(View value, std::string_view what,
                                                   Complaints& complaints) {
  std::vector<std::string> hosts;
  auto const add = [&](View each) {
    auto host = read_word(each, what, complaints);
    if (!host) return;
    for (auto& letter : *host)
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
    if (auto const why = wrong_host(*host); !why.empty()) return complaints.add(each, why);
    hosts.push_back(std::move(*host));
  };
  if (!value.is(Node::Kind::List)) {
    add(value);
    return hosts;
  }
  for (std::size_t i = 0; i < value.size(); ++i) add(value[i]);
  return hosts;
}

}  // namespace wanspool::yaml
