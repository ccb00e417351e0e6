#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/money.h"

namespace wanspool {

// Every state says what we know, never what is in flight (what is in flight dies with the process, rightly).
enum class State {
  Queued,       // wanted, not sent
  Submitting,   // about to be sent, or sent and unanswered; committed before the request leaves
  Submitted,    // the provider named it
  Running,      // the provider was seen working on it
  Downloading,  // finished there; result addresses known, files partly here
  Done,
  Failed,
  Canceled,
  Held,  // nobody can tell; a person decides
};
inline constexpr int kStates = 9;

// What is done with a doubt that the account's list does not settle (manifest.md, on_uncertain).
enum class OnDoubt {
  Adopt,     // the one task that fits is ours; where none or several may be, a person decides
  Hold,      // a person decides, unless the answer itself had named the task
  Resubmit,  // sent again, at the price of perhaps paying twice
};

// Whether http(s) input pictures are fetched here and uploaded, instead of by the service itself.
enum class FetchInputs { OnFailure, Never, Always };

// What the input pictures of a request are: bits of a sum.
inline constexpr int kLocalInput = 1;  // a file of ours
inline constexpr int kWebInput = 2;    // an http(s) address
inline constexpr int kJobInput = 4;    // a picture of another job

// Who goes first; among equals whoever waits longest.
enum class Priority { High, Normal, Low };

// How a cancel of what was sent stands, which is a wish until the provider says CANCELED.
enum class Cancel {
  None,
  Wanted,     // the provider is to be asked, once it has named the task
  Later,      // asked in vain; whether it still waits there is looked at before it is asked again
  Told,       // it has taken the request
  TooLate,    // it waits there no more: it is being drawn
  TakenBack,  // somebody wants it again, though the provider may have been asked
};

// What a person has said of a job last.
enum class Wish { Wanted, Paused, Canceled };

std::string_view name_of(State state);        // "queued" …
std::string_view name_of(OnDoubt on_doubt);   // "adopt" …
std::string_view name_of(Priority priority);  // "high" …
std::string_view name_of(FetchInputs fetch);  // "on-failure" …
bool is_final(State state);                   // done, failed, canceled: nothing more happens by itself

// Why something went wrong; the kind matters more than the HTTP number.
struct Trouble {
  enum class Kind {
    Lane,     // 429, no connection: the lane pauses, the task is not charged an attempt
    Retry,    // the same again later, counted
    Fatal,    // this task is over
    Unknown,  // a paid request may have been accepted
    Account,  // bad key, unpaid bill: creates stop until somebody acts
  };
  // Which limit of the account a request went over.
  enum class Over {
    Nothing,
    Rate,   // requests in a window
    Burst,  // their rate grew too quickly
    Slots,  // tasks in processing
    Some,   // one of these, and nobody says which
  };
  Kind kind = Kind::Fatal;
  std::string code;             // the provider's, or ours in the same manner
  std::string message;          // for a person
  milliseconds retry_after{0};  // what the server asked for; 0: it did not
  bool every_lane = false;      // Account: the key or the bill, not one model
  bool input = false;           // Retry: the service could not fetch a picture that it was to work on
  Over over = Over::Nothing;    // Lane

  bool operator==(Trouble const&) const = default;
};

struct Picture {
  int number = 0;   // from 1, in reading order
  std::string url;  // signed: never printed
  Instant expires;  // what the address itself says, else a day after we read it
  // Where it lies, relative to the folder of the job it was bought for ("image-1.png", "../marble/vase.png")
  // or of the orphan; "" until it is safely there. True whatever the job's place has become since.
  std::string file;
  std::string sha256;
  std::int64_t bytes = 0;
  int width = 0, height = 0;
  int tries = 0;     // fetches that failed by what they brought
  std::string lost;  // why it will never come; "" while it may

  bool operator==(Picture const&) const = default;
};

// All of our own clock but the provider's, which are text without a zone (contract §3.3) and stay as they
// came.
struct Times {
  Instant queued, sent, accepted, running, finished, done;
  std::string submit_time, scheduled_time, end_time;

  // By the provider's clock, which has no zone but is one: how long it was queued there, and worked on. Empty
  // where an answer left out one of the times (contract §3.3).
  std::optional<milliseconds> waited() const;
  std::optional<milliseconds> worked() const;

  bool operator==(Times const&) const = default;
};

struct Task {
  std::int64_t id = 0;
  std::string name;  // MANIFEST/JOB
  std::string
      place;  // of its pictures below out/MANIFEST/, without number and ending; "": in the job's folder
  std::string model;
  // The name of the one under which it was or will be sent; "": the main one, or nobody has decided. A
  // refused one that is queued again keeps it until it is planned anew.
  std::string account;
  State state = State::Queued;
  Instant due;             // the next moment something can be done for it
  Instant deadline;        // queued: after it, it is not bought any more; "never": there is none
  Instant answered;        // when its last create was answered or given up: what the limits count from
  Instant possible_until;  // in doubt: it may have been accepted up to then; "never": there is no doubt
  int wanted = 1;          // pictures asked for at most
  std::string size;        // "W*H" that was asked for; "" where the service chooses
  std::string mode;        // of its model's row; tasks of one mode take about as long
  Money price;             // of one picture
  Money reserved, spent, uncertain;
  std::string task_id, request_id;
  int take = 1;  // 1: the plain request; each next one is bought again on purpose, with a new seed
  OnDoubt on_doubt = OnDoubt::Adopt;
  bool adopted = false;  // its task_id was found in the account's list
  bool orphan = false;   // paid for and no job's: its pictures go to orphans/TASK_ID
  int inputs = 0;        // what its input pictures are
  FetchInputs fetch = FetchInputs::OnFailure;
  Cancel cancel = Cancel::None;
  bool fetch_now = false;   // the service could not read its http(s) pictures by itself
  bool refill = false;      // what its answer lacks is bought again
  int refills = 0;          // of a refill: the how-manieth for its job
  std::int64_t parent = 0;  // of a refill: the task whose answer lacked pictures
  int first = 1;            // number of its first picture in the job's folder
  int creates = 0;          // creates that may have left
  int failures = 0;         // troubles of kind Retry, of creates and of finished tasks
  int polls = 0;
  int misses = 0;          // troubles in a row of what it is doing now; the exponent of its back-off
  bool ask_again = false;  // downloading, but an address has expired: query once more
  Instant unknown_since;   // first of the UNKNOWN answers in a row
  Times times;
  std::vector<Picture> pictures;
  int image_count = 0;   // what the answer says was charged
  std::string document;  // text with pictures in their places, as Markdown; "" for pictures alone
  std::string usage;     // the answer's, as JSON
  std::string
      shortfall;  // why it brought fewer pictures, in the service's words; "" where these are not known
  Trouble error;  // the last trouble; of a final state the reason

  bool operator==(Task const&) const = default;
  // Sent and unanswered, and not in flight any more.
  bool in_doubt() const { return state == State::Submitting && possible_until != Instant{}; }
  // Some of its input pictures have to be uploaded before it is sent.
  bool brings_inputs() const {
    bool const fetches = fetch == FetchInputs::Always || fetch_now;
    return (inputs & (kLocalInput | kJobInput)) != 0 || (fetches && (inputs & kWebInput) != 0);
  }
  // Nobody wants it any more; if it comes back to the queue it is over.
  bool is_unwanted() const { return cancel != Cancel::None && cancel != Cancel::TakenBack; }
  int pictures_safe() const;
  // The address that dies first of those still to be fetched; Instant::max() if there is none.
  Instant expires() const;
  // No picture is still to come.
  bool complete() const;
};

}  // namespace wanspool
