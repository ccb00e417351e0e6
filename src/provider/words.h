#pragma once

#include <string>
#include <string_view>

#include "base/http.h"

// What others said, made fit to be shown, logged and stored.
namespace wanspool::provider {

// One line of at most 600 bytes, without keys, signatures, queries of addresses or inlined pictures.
std::string plain(std::string_view text);

// How a body begins that nobody understands: a few printable ASCII characters in quotes, or "nothing".
std::string beginning(std::string_view body);

// The x-request-id header, "" where there is none.
std::string request_id(Reply const& reply);

// The Retry-After header in both of its forms; a date is measured against the reply's own Date, so that our
// clock does not matter. 0 where it is missing, past or not understood.
milliseconds retry_after(Reply const& reply);

}  // namespace wanspool::provider
