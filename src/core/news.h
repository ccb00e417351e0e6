#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/task.h"

// What the world can tell us about one task.
namespace wanspool {

struct Answer {
  struct Piece {  // in reading order; one of the two is set
    std::string text;
    std::string url;
    Instant expires;
  };
  std::vector<Piece> pieces;
  int image_count = 0;    // what is charged (usage.image_count; the pictures counted where it is missing)
  std::string usage;      // as JSON, "" where there is none
  std::string shortfall;  // why pictures of it did not come, as the service says it; "" where none failed
  std::string size;       // usage.size, "W*H"; "" where there is none
};

struct ProviderTimes {
  std::string submit_time, scheduled_time, end_time;
};

namespace news {

// Of a create.
struct Accepted {
  std::string task_id, request_id;
};
struct Refused {
  Trouble trouble;
};  // read, understood and not accepted
struct Unsent {
  Trouble trouble;
};  // it never left
struct Unanswered {
  std::string why, request_id;
  bool timed_out = false;  // the service may still be at it
  bool unseen = false;     // the program stopped before: how it ended nobody saw
};                         // it may have been accepted: a doubt

// Of a doubt, by the account's list or a person.
struct Adopted {
  std::string task_id, request_id;
  Instant accepted;  // by our clock, as near as can be told
};
struct NeverAccepted {
  std::string why;
};
struct Undecidable {
  std::string why;
  bool in_orphans = false;  // what it may have bought is there, with what it cost
};

// Of a query.
struct Waiting {
  ProviderTimes times;
};
struct Working {
  ProviderTimes times;
};
struct Finished {
  Answer answer;
  ProviderTimes times;
};
struct GaveUp {
  Trouble trouble;
  ProviderTimes times;
};  // the task failed there; it is not charged
struct CanceledThere {};
struct Vanished {};  // UNKNOWN
struct NoAnswer {
  Trouble trouble;
};  // the query itself went wrong

// Of a cancel of what was sent.
struct CancelAsked {};    // by a person, and nobody else wants it
struct WantedAgain {};    // somebody does
struct CancelTaken {};    // the provider will cancel it, or has
struct CancelRefused {};  // it does not wait there any more
struct CancelUnheard {
  Trouble trouble;
};  // the request itself went wrong

// Of a download.
struct PictureSafe {
  Picture picture;
};  // under its final name, synced
struct PictureMissed {
  int number = 0;
  Trouble trouble;
  bool expired = false;
};
struct Stored {};  // result.json has its final name

}  // namespace news

using News = std::variant<news::Accepted, news::Refused, news::Unsent, news::Unanswered, news::Adopted,
                          news::NeverAccepted, news::Undecidable, news::Waiting, news::Working,
                          news::Finished, news::GaveUp, news::CanceledThere, news::Vanished, news::NoAnswer,
                          news::CancelAsked, news::WantedAgain, news::CancelTaken, news::CancelRefused,
                          news::CancelUnheard, news::PictureSafe, news::PictureMissed, news::Stored>;

}  // namespace wanspool
