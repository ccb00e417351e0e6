#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "emulator/wire.h"

// What goes wrong, and when: rules such as "create:3:lose-answer", from flags or from a script file.
namespace wanspool::emulator {

// What a rule counts. Connect: accepted connections. Task: creates that were accepted; their end is spoilt.
enum class Call { Any, Connect, Create, Query, List, Cancel, Policy, Upload, Download, Task };
inline constexpr std::size_t kCalls = 10;

struct When {
  std::uint64_t from = 1;
  std::uint64_t to = UINT64_MAX;
  std::uint64_t every = 1;
  double percent = 100;
};

struct Fault {
  // Instead of an answer.
  int status = 0;  // 0: the true answer, unless the connection ends otherwise
  std::string code;
  std::string message;
  std::optional<long> retry_after;
  bool html = false;
  bool code_in_200 = false;
  bool accept = false;  // the request is carried out all the same
  Manner manner;
  // To a picture.
  bool not_png = false;
  bool cut_png = false;
  bool bad_crc = false;
  bool expired = false;
  // To a task's end.
  bool sse_error = false;
  char fail = 0;  // 'a', 'b', 'c': the three shapes of contract §3.4
  std::optional<int> pictures;
  bool vanish = false;
  std::optional<milliseconds> service_time;

  bool refuses() const;   // the request is not carried out
  bool delivers() const;  // the answer comes whole and unspoilt
};

struct Rule {
  Call call = Call::Any;
  When when;
  Fault fault;
};

// "CALL:WHEN:ACTION[,ACTION…]". Throws std::invalid_argument that says what is wrong and what is possible.
Rule parse_rule(std::string_view text);

// JSON: an array of rules or one rule a line; a rule is a string as above or an object (docs/emulator.md).
std::vector<Rule> parse_script(std::string_view text);

// "90s", "500ms", "5m", "24h", "1.5s", "0". Throws std::invalid_argument.
milliseconds parse_length(std::string_view text);

std::string fault_help();

class Faults {
 public:
  Faults(std::vector<Rule> rules, std::uint64_t seed) : rules_{std::move(rules)}, dice_{seed} {}

  // Counts this call, and gives the fault of the first rule that means it.
  std::optional<Fault> meet(Call call);
  std::uint64_t count(Call call) const { return counts_[static_cast<std::size_t>(call)]; }
  std::uint64_t met() const { return met_; }

 private:
  bool means(Rule const& rule, std::uint64_t count);

  std::vector<Rule> rules_;
  std::mt19937_64 dice_;
  std::array<std::uint64_t, kCalls> counts_{};
  std::uint64_t met_ = 0;
};

}  // namespace wanspool::emulator
