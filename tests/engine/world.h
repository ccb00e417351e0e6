#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/http.h"
#include "engine/steps.h"

namespace wanspool::test {

// Clock and Http in one, with a small provider inside. Time passes only inside wait(): weeks of retries run
// in milliseconds, and a seed gives the same run every time.
class World final : public Clock, public Http {
 public:
  enum class What { Create, Query, Picture, List, Cancel };
  // What happens to the n-th request of its kind (from 1), beside its being served.
  enum class Fault {
    None,
    Unreachable,  // never leaves
    LostAnswer,   // served, but the answer is lost
    LostRequest,  // it left and never arrived; the connection breaks
    Throttled,    // 429 Throttling.RateQuota
    RetryLater,   // 429 with Retry-After: 1849295
    Unavailable,  // 503 ModelUnavailable
    BadGateway,   // 502 with HTML
    BadKey,       // 401 InvalidApiKey
    Cut,          // a download that ends early
    NotAPicture,
    Expired,     // 403, Request has expired
    Unknown,     // UNKNOWN
    TaskFailed,  // FAILED, InternalError.Timeout
    Refused,     // 400 DataInspectionFailed
    // As LostAnswer, but something comes back.
    ServedBadGateway,
    CutAnswer,  // the head and half of the body
    Garbled,    // 200 with HTML
    TimedOut,   // our patience ends it; it is served at any moment before that, or never
    Denied,     // 403 AccessDenied
  };

  // In the service's own words; `retry_after` in seconds, 0: it does not say.
  struct Refusal {
    int status = 429;
    std::string code, message;
    int retry_after = 0;
  };

  // What the account and its storage do beyond one request. All of it off, so that a test says what it needs.
  struct Habits {
    milliseconds list_delay{0};  // a task shows in the list so long after its acceptance
    milliseconds skew{0};        // the provider's clock minus ours
    milliseconds tardiness{0};   // a create whose answer is lost may be accepted so long after the loss
    // Shares of all creates, or of all downloads:
    double strangers = 0;       // another key makes a task at about the same time
    double familiars = 0;       // our key does, and it is not us
    double failures = 0;        // tasks that fail there
    double shortfalls = 0;      // answers that lack a picture of several
    double ranges = 0;          // a Range is answered with 206
    bool own_pictures = false;  // no two pictures are the same
    bool piecemeal = false;     // bodies come in pieces of any size, end anywhere, and each piece is a step
    bool forgetful = false;     // a picture's address dies with its task
    bool refuses = false;       // no queue: a create that finds all slots taken is refused (contract §4)
    // What arrives beyond so many in any sliding second is refused; 0: nobody looks.
    int creates_per_second = 0, queries_per_second = 0, lists_per_second = 0;
  };

  struct Task {
    std::string id, request_id, body, model;
    int pictures = 1;
    Instant accepted, begins, ends;
    bool failed = false;    // was seen to
    bool fails = false;     // will be seen to
    bool canceled = false;  // at its end
    bool ours = true;
    bool late = false;  // accepted while our patience lasted, at an unknown moment
    std::string api_key_id = "1001";
    int issued = 0, dead = 0;  // its addresses: how often they were told, and up to which they opened
    int queries = 0;           // single ones that it got
    Instant noticed;           // when the first answer to one of them was there that told of its end
  };

  explicit World(unsigned seed) : random_{seed}, dice_{seed ^ 0x5bd1e995u} {}

  Instant now() const override { return now_; }
  void start(Request request) override;
  std::vector<Reply> wait(Instant until, std::span<int const> wake) override;
  void drop_connections() override;

  void pass(milliseconds time) { now_ += time; }
  // The provider loses a task.
  void forget(std::string const& task_id);
  // Everything in flight is lost, as when the program stops.
  void forget_flights();

  std::function<Fault(What, int, Instant)> fault = [](What, int, Instant) { return Fault::None; };
  // A request for which this gives something is refused so, whatever `fault` says. The time is that of its
  // start.
  std::function<std::optional<Refusal>(What, Request const&, Instant)> refusal;
  Steps* steps = nullptr;
  // Another account's provider, at a host of its own, in the same time; requests for it are handed on.
  World* beside = nullptr;
  std::string host = "http://127.0.0.1:1";
  std::string caller = "1000000000000001";  // the account's own id, as lists tell it
  std::string ids = "task";                 // what the ids of its tasks begin with
  Habits habits;
  milliseconds service_least{12'000}, service_most{24'000};
  std::function<milliseconds(std::mt19937_64&)> service;  // draws it instead of these, where it is set
  milliseconds latency_least{20}, latency_most{120};
  std::string authorization;  // of the last request that had one
  int slots = 5;
  milliseconds patience{0};  // how long, in real time, workers may take before virtual time goes on
  int pictures_short = 0;    // so many fewer pictures than asked for
  std::function<void(std::string const&)> trace;  // one line for each request, and for each answer

  // What the provider saw.
  std::map<std::string, int> accepted;  // by request body: how often it was accepted
  int creates = 0, queries = 0, pictures = 0, lists = 0, cancels = 0, billed = 0;
  int most_at_once = 0;                                    // tasks accepted and not ended
  int most_creates = 0, most_queries = 0, most_lists = 0;  // arrivals in any sliding second
  int refused_for_slots = 0, refused_for_rate = 0;         // by habit, not by fault
  // What nobody should ever do: the same request twice at once, or bought again while the first one lives.
  std::vector<std::string> doubled, rebought;
  std::map<std::string, std::pair<std::string, int>>
      served;  // bytes of pictures: of which task, the how-manieth

  std::vector<Task> const& tasks() const { return tasks_; }
  Task const* find(std::string const& task_id) const;
  // Pictures of ours that are charged or will be, of tasks accepted up to now.
  int charged() const;
  // The bytes of a task's picture; `number` from 1.
  std::string picture(std::string const& task_id, int number) const;
  // Requests in flight, the program's part of them.
  std::vector<Request const*> in_flight() const;

 private:
  struct Flight {
    Request request;
    Reply reply;
    std::string body;  // of a download
    std::string range;
    std::optional<std::size_t> tells_end;  // of which task its answer says that it is over
  };
  milliseconds between(milliseconds least, milliseconds most);
  milliseconds any_up_to(milliseconds most);
  bool happens(double share);
  void serve(Flight& flight, Instant arrival, Instant& back);
  void serve_kind(Flight& flight, What what, Fault fault, Instant arrival, Instant back);
  bool serve_create(Flight& flight, Instant arrival);  // whether there is a task now
  void serve_query(Flight& flight, Instant arrival, Fault fault);
  void serve_picture(Flight& flight, Fault fault);
  void serve_list(Flight& flight, Instant arrival);
  void serve_cancel(Flight& flight, Instant arrival);
  void lose(Flight& flight, Fault fault, std::string const& request_id);
  void time_out(Flight& flight, What what, Instant& back);
  void refuse(Flight& flight, int status, std::string const& code, std::string const& message);
  Task made(std::string const& body, Instant arrival);
  void take(Task task);
  void add(Task task);
  void visit(Instant arrival, std::string const& body);
  std::optional<std::size_t> place_of(std::string const& task_id) const;
  std::vector<std::size_t>::iterator accepted_after(Instant at);
  void order_by_acceptance();
  std::string address(Task& task, int number);
  bool is_beyond_rate(What what, Instant arrival);
  int outstanding_at(Instant at) const;
  void deliver(Flight& flight);
  void deliver_all(std::vector<Reply>& replies);
  Instant next_event() const;
  void say(std::string const& line) const;

  Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 8 / 5}};
  std::mt19937_64 random_;
  std::mt19937_64 dice_;                    // for habits alone
  std::multimap<Instant, Flight> flights_;  // by the moment the reply is there
  std::vector<Task> tasks_;
  // Places in tasks_:
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_body_;
  std::vector<std::size_t> under_way_;      // ours that may not have ended
  std::vector<std::size_t> by_acceptance_;  // the oldest first; of one moment the last first
  std::deque<Instant> create_arrivals_, query_arrivals_, list_arrivals_;
  std::map<What, std::deque<Instant>> within_rate_;  // arrivals that were not refused for their rate
};

std::string_view name_of(World::What what);
std::string_view name_of(World::Fault fault);

// A whole PNG of 16 × 16 pixels, with words in it unless there are none.
std::string const& tiny_png();
std::string tiny_png(std::string const& words);

}  // namespace wanspool::test
