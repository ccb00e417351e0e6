#pragma once

#include <string>
#include <string_view>

#include "base/http.h"

// What the object storage answers, from which results come and to which pictures go (contract §6, §7).
namespace wanspool::provider {

// The text of an element of its XML, fit to be shown; "" where there is none.
std::string xml_text(std::string_view body, std::string const& tag);

// "the storage answered HTTP 403, AccessDenied: Request has expired."
std::string storage_words(Reply const& reply);

}  // namespace wanspool::provider
