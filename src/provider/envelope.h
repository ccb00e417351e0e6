#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/news.h"
#include "core/settle.h"

// What a JSON body of the API says, as plain data: nothing is judged here. Keys may come in any order,
// unknown ones are passed over, and a key of the wrong type counts as missing.
namespace wanspool::provider {

struct ErrorWords {
  std::string code, message, request_id;
};

struct Envelope {
  bool parsed = false;  // the body is one whole JSON object
  ErrorWords top;       // code and message at top level: an error, also inside a 200 (contract §4)

  std::string task_id, task_status;  // of `output`
  ErrorWords task;                   // code and message inside `output` (contract §3.4)
  ProviderTimes times;

  std::vector<Answer::Piece> pieces;  // of output.choices or output.results, in reading order
  std::vector<ErrorWords> failed;     // of output.results: pictures that did not come
  std::string missing;                // the first field that a result should have and has not
  std::optional<int> image_count;     // usage.image_count
  std::string usage;                  // as JSON, "" where there is none
  std::string size;                   // usage.size if it is "W*H"
};

// Never throws, whatever the body is.
Envelope open_envelope(std::string const& body);

// One page of the account's list (contract §8.1).
struct Listing {
  bool parsed = false;
  ErrorWords top;
  std::vector<ListRow> rows;
  int page = 0, pages = 0;  // page_no and total_page; an empty list has no page
  std::string missing;      // the first field that a list must have and has not
};

// Never throws either.
Listing open_listing(std::string const& body);

}  // namespace wanspool::provider
