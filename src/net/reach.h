#pragma once

#include <string>

#include "base/time.h"

namespace wanspool {

// Opens a connection as a request to this address would, through a proxy of the environment where one is set
// and with TLS where it is https, and closes it: no request is sent. "" if that went well, else why not.
std::string try_to_reach(std::string const& url, milliseconds patience);

}  // namespace wanspool
