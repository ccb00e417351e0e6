#pragma once

#include <deque>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/http.h"
#include "engine/steps.h"

namespace wanspool::test {

// Clock and Http in one, with a small provider inside. Time passes only inside wait(): weeks of retries run
// in milliseconds, and a seed gives the same run every time.
class World final : public Clock, public Http {
 public:
  enum class What { Create, Query, Picture };
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
  };

  explicit World(unsigned seed) : random_{seed} {}

  Instant now() const override { return now_; }
  void start(Request request) override;
  std::vector<Reply> wait(Instant until, std::span<int const> wake) override;
  void drop_connections() override;

  void pass(milliseconds time) { now_ += time; }
  // The provider loses a task.
  void forget(std::string const& task_id);
  // Everything in flight is lost, as when the program stops.
  void forget_flights() { flights_.clear(); }

  std::function<Fault(What, int, Instant)> fault = [](What, int, Instant) { return Fault::None; };
  Steps* steps = nullptr;
  milliseconds service_least{12'000}, service_most{24'000};
  milliseconds latency_least{20}, latency_most{120};
  std::string authorization;  // of the last request that had one
  int slots = 5;
  milliseconds patience{0};  // how long, in real time, workers may take before virtual time goes on
  int pictures_short = 0;    // so many fewer pictures than asked for

  // What the provider saw.
  std::map<std::string, int> accepted;  // by request body: how often it was accepted
  int creates = 0, queries = 0, pictures = 0, billed = 0;
  int most_at_once = 0;                    // tasks in processing
  int most_creates = 0, most_queries = 0;  // arrivals in any sliding second

 private:
  struct Task {
    std::string id, request_id;
    int pictures = 1;
    Instant begins, ends;
    bool failed = false;
  };
  struct Flight {
    Request request;
    Reply reply;
    std::string body;  // of a download
  };
  milliseconds between(milliseconds least, milliseconds most);
  void serve(Flight& flight, Instant arrival);
  void serve_create(Flight& flight, Instant arrival);
  void serve_query(Flight& flight, Instant arrival, Fault fault);
  void serve_picture(Flight& flight, Fault fault);
  void refuse(Flight& flight, int status, std::string const& code, std::string const& message);
  int in_window(std::deque<Instant>& arrivals, Instant arrival);
  int processing_at(Instant at) const;
  void deliver(Flight& flight);

  Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 8 / 5}};
  std::mt19937_64 random_;
  std::multimap<Instant, Flight> flights_;  // by the moment the reply is there
  std::vector<Task> tasks_;
  std::deque<Instant> create_arrivals_, query_arrivals_;
};

// A whole PNG of 16 × 16 pixels.
std::string const& tiny_png();

}  // namespace wanspool::test
