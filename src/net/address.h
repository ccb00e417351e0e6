#pragma once

#include <string>
#include <string_view>

// Which addresses do not lead out into the world (RFC 6890 and what came after it).
namespace wanspool {

// What `address`, an IPv4 or IPv6 address in digits, belongs to ("a private network", "the loopback"); "" if
// it is an address of the open internet, or no address at all. An IPv6 address that carries an IPv4 address
// is judged by that one.
std::string_view inner_network(std::string_view address);

// Where a URL leads, without what it asks there: may be shown to anybody.
struct Target {
  std::string host;  // an IPv6 address without its brackets
  int port = 0;
  std::string query;  // never shown
  std::string wrong;  // why the URL cannot be sent as it is; "" if it can

  std::string place() const;  // "host:port"
};

// Where `location`, a whole address or one relative to `url`, leads (RFC 3986, section 5); "" if nowhere.
std::string joined_url(std::string const& url, std::string const& location);

// Only http and https, only bytes that may stand in a URL, and no name and password in it.
Target target_of(std::string const& url);

}  // namespace wanspool
