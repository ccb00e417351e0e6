#pragma once

#include <string>
#include <vector>

namespace wanspool {

// Where addresses out of the service's answers may lead, by their hosts: pictures that are fetched, forms
// that carry pictures there. What a name resolves to is judged by the room net/ besides.
class Hosts {
 public:
  enum class Plain { Allowed, Refused };  // http://, by which the service gives some results (contract §6)

  // `setting` names the key of the configuration that holds `more`; the service's own storage is known. An
  // emulator's lie on the loopback.
  Hosts(std::string setting, std::vector<std::string> more, Plain plain, bool emulator);

  // Why nothing goes there, and what helps; "" if it may. Says nothing of a query.
  std::string why_not(std::string const& url) const;

 private:
  std::string setting_;
  std::vector<std::string> patterns_;
  Plain plain_;
  bool emulator_;
};

}  // namespace wanspool
