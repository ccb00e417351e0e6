#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "emulator/faults.h"
#include "emulator/options.h"

// The world of tasks: queues, slots and ends, computed from the clock when somebody looks.
namespace wanspool::emulator {

enum class State { Pending, Running, Succeeded, Failed, Canceled, Unknown };
std::string_view name(State state);  // as the API spells it

// Pictures: a choice each. Interleaved, Sequence: all in one choice. Results: the older endpoints' shape.
enum class Answers { Pictures, Interleaved, Sequence, Results };

// What a checked create asks for.
struct Order {
  std::string model;
  std::string prompt;
  Answers answers = Answers::Pictures;
  int pictures = 1;
  Size size;
  std::optional<std::uint32_t> seed;
  bool at_once = false;  // a synchronous call: no task that could be queried, listed or canceled
  bool streams = false;  // its answer is an event stream
  bool rewrites = true;  // prompt_extend, which the older endpoints tell of
  std::string body_sha;
  std::string workspace;  // that the create named
};

struct Task {
  std::string id;
  std::string request_id;
  std::string api_key_id;
  Order order;
  Instant created;
  Instant started;  // never: it waits
  Instant ended;    // once running: when it will
  milliseconds takes{0};
  State state = State::Pending;
  Fault fate;     // how its end is spoilt
  int drawn = 0;  // pictures at its end, the charged ones
  bool vanished = false;
  std::vector<std::uint32_t> fetched;  // times, by picture
  std::vector<std::string> addresses;  // made once, so that every query gives the same ones
};

// One model's queue and what its slots did.
struct Lane {
  std::deque<std::size_t> waiting;
  using End = std::pair<Instant, std::size_t>;
  std::priority_queue<End, std::vector<End>, std::greater<>> running;
  Instant active_since;
  milliseconds active{0};  // at least one task was there
  milliseconds busy{0};    // summed over slots
  std::size_t most_running = 0;
  std::size_t most_waiting = 0;
};

class World {
 public:
  World(Options const& options, std::uint64_t seed) : options_{options}, seed_{seed} {}

  // No slot is free and surplus is refused.
  bool refuses(std::string const& model, Instant now);
  // A synchronous order is drawn, and charged, with its acceptance: whoever hangs up has paid.
  Task& create(Order order, std::string request_id, std::string api_key_id, Fault const& fate, Instant now);
  // Somebody else of the account makes one: it is listed and can be queried like any other, but takes no slot
  // and is in nobody's books.
  void add_stranger(std::string model, std::string api_key_id, Instant now);
  // nullptr: foreign, vanished or too old, which nobody can tell apart.
  Task* find(std::string_view id, Instant now);
  bool cancel(std::string_view id, Instant now);
  // Brings every lane to `now`; all others call it by themselves.
  void advance(Instant now);
  bool too_old(Task const& task, Instant now) const;

  std::deque<Task>& tasks() { return tasks_; }  // without those of strangers
  // What the list shows of everybody, the newest first.
  std::vector<Task const*> listed(Instant now);
  std::map<std::string, Lane> const& lanes() const { return lanes_; }
  std::string new_id() { return new_id(++ids_); }
  std::uint64_t seed() const { return seed_; }
  // Its own id; whoever has a key of their own is another one.
  std::string account() const;
  // Of a model; 0: no end.
  int slots(std::string_view model) const;
  Instant expires(Task const& task) const { return task.ended + options_.scaled(options_.life); }

 private:
  std::string new_id(std::uint64_t count) const;
  milliseconds duration(Task const& task) const;
  void start(Lane& lane, std::size_t index, Instant at);
  void finish(Task& task) const;
  void finish_strangers(Instant now);
  Task* find_stranger(std::string_view id, Instant now);
  bool is_listed(Task const& task, Instant now) const;
  void fill(Lane& lane, int slots, Instant at);
  void advance(std::string const& model, Lane& lane, Instant now);

  Options const& options_;
  std::uint64_t seed_;
  std::uint64_t ids_ = 0;
  std::deque<Task> tasks_;
  std::deque<Task> strangers_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::map<std::string, Lane> lanes_;
};

std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0);
std::string beijing(Instant at);  // "2026-08-05 17:38:24.817": UTC+8, and the text does not say so

}  // namespace wanspool::emulator
