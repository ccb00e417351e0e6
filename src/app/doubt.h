#pragma once

#include <string>
#include <vector>

#include "app/rows.h"

// What a person reads of a job whose create was not answered, and of what else was bought for a job. Pure but
// for the time zone.
namespace wanspool::app {

// A name in front and words behind it; without a name it goes on with the line before.
struct Said {
  std::string name, text;
};

// Of a job that is held or in doubt: what is known, which tasks it may have bought and where their pictures
// lie, and the very lines to type. Empty for any other.
std::vector<Said> words_of_doubt(Whole const& whole, Spool const& spool, std::string const& currency,
                                 milliseconds list_delay, Instant now);

// Its refills and what older takes of it bought.
std::vector<Said> words_of_purchases(Whole const& whole, Spool const& spool, std::string const& currency);

}  // namespace wanspool::app
