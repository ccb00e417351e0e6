#pragma once

#include <signal.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/tally.h"
#include "engine/spool.h"
#include "support/closed_port.h"
#include "support/place.h"
#include "support/process.h"

// The real programs, beside each other on loopback and in a folder of their own.
namespace wanspool::whole {

using test::closed_port;
using test::Finished;
using test::Process;

// Looks again and again; fails the test if it does not come true in a generous time.
void await(std::string const& what, std::function<bool()> const& comes_true);
// The same, of what `doer` must bring about: it fails at once if that ends instead.
void await(Process& doer, std::string const& what, std::function<bool()> const& comes_true);

// For TZ: a zone where it is about noon, so that what is bought and what is asked for later are of one day.
std::string zone_at_noon();

// The false provider: quick, without limits and with small pictures unless `options` say otherwise. It ends
// with the object.
class Emulator {
 public:
  explicit Emulator(std::vector<std::string> options = {});

  std::string endpoint() const;
  nlohmann::json ledger() const;
  // How many tasks it has made.
  std::int64_t created() const;
  // How many requests it has met, of every kind.
  std::int64_t requests() const;
  // What stands at this path; `headers` are whole lines.
  std::string get(std::string const& target, std::string const& headers = {}) const;

 private:
  Process process_;
  int port_ = 0;
};

// Everything at once and without waiting for a file to settle. A house asks nobody for a price unless its
// configuration says so.
inline constexpr char kQuick[] =
    "inbox: { settle: 50ms, rescan: 1s }\n"
    "queries_per_second: 200\n"
    "lists_per_second: 50\n"
    "doubt: { list_delay: 300ms }\n"
    "limits:\n"
    "  wan2.6-t2i: { creates_per_second: 100, slots: 50 }\n"
    "  wan2.6-image: { creates_per_second: 100, slots: 50 }\n";

inline constexpr int kKilled = 128 + SIGKILL;

// A spool in a folder of its own, and what is started with it. Nothing of the caller's environment leads
// anywhere else.
class House {
 public:
  explicit House(std::string const& endpoint, std::string const& config = kQuick,
                 std::filesystem::path const& root = {},  // "": in a folder of its own
                 std::filesystem::path const& out = {});  // "": in the spool

  // Puts a manifest or a command into the inbox, whole.
  void hand_in(std::string const& name, std::string const& text) const;

  Process::Setup setup(std::vector<std::string> arguments) const;
  Process start(std::vector<std::string> arguments) const { return Process{setup(std::move(arguments))}; }
  Finished run(std::vector<std::string> arguments, std::chrono::milliseconds most = test::kPatience) const {
    return test::finish(setup(std::move(arguments)), most);
  }
  // Returns when it has the spool.
  Process daemon() const;
  // A daemon whose pid stands in victim_file() before the program begins: whom the emulator's gun shoots.
  Process victim() const;
  std::filesystem::path victim_file() const { return place_ / "victim"; }
  bool is_kept_by(Process const& daemon) const;

  // A file outside of the spool.
  std::string write(std::string const& name, std::string const& text) const;
  std::filesystem::path folder() const { return place_.path(); }

  // What the queue says, whoever has it; nothing while there is none.
  Tally tally() const;
  // How many tasks the queue knows to be there, and not to be over.
  std::int64_t at_provider() const;
  // That many jobs are known, and nothing more will happen to them by itself. A doubt is not settled.
  bool is_settled(std::int64_t jobs) const;
  nlohmann::json json(std::vector<std::string> arguments) const;  // of a command that must end with 0

 private:
  test::Place place_;

 public:
  Spool const spool;
  std::map<std::string, std::string> environment;
};

// Hands in one job more when nothing but doubts is left: without a create that is younger than a doubt the
// account's list proves nothing. To be asked again and again; another one follows if that one's own answer
// was lost and nothing moves.
class Later {
 public:
  explicit Later(House const& house) : house_{house} {}

  void look();
  int handed() const { return handed_; }
  // With so many other jobs, all are done.
  bool is_settled(std::int64_t jobs) const { return handed_ > 0 && house_.is_settled(jobs + handed_); }

 private:
  House const& house_;
  int handed_ = 0;
  std::int64_t done_ = 0;
  std::chrono::steady_clock::time_point moved_;
};

// A manifest of so many jobs, j1, j2 and so on, each for so many pictures.
std::string manifest_of(int jobs, int pictures = 1);

std::vector<std::string> lines_of(std::string const& text);

}  // namespace wanspool::whole
