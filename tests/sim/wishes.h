#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/house.h"
#include "sim/schedule.h"

namespace wanspool::sim {

// What people have asked of which job, by the receipts alone: who may be bought. A wish that allows something
// counts from the moment of its drop, for a stop may come between its effect and its receipt; one that
// forbids something counts from the receipt on.
class Wishes {
 public:
  explicit Wishes(test::House& house) : house_{house} {}

  void dropped(std::string const& manifest, std::vector<Job> const& jobs);
  void dropped(std::string const& source, Errand const& errand);
  void heard(Receipt const& receipt);
  void stopped();
  // The house was opened: what was put away and not told of is seen by its file.
  void started();

  // The first job that asks for this.
  std::string name_of(std::string const& body) const;
  // Why nobody may buy this now; "" if somebody may, or nobody knows it.
  std::string why_not(std::string const& body) const;
  bool is_canceled(std::string const& job) const;  // or may be
  bool is_paused(std::string const& job) const;
  bool is_awaited() const;  // some receipt of a command is
  // What is wrong with what became of each file; "" if all is well.
  std::string trouble() const;

 private:
  struct Standing {
    std::string prompt;
    bool canceled = false, paused = false;
    // A retry of what has failed has met it or has not: the program stopped, and nobody saw.
    bool unsure = false;
  };
  struct Awaited {
    std::string source;
    Errand errand;
    bool stopped = false;  // the program was, since
  };
  void tell(Awaited const& it, bool accepted, std::string const& words);
  void obey(Awaited const& it);
  static void obey(Awaited const& it, State state, Standing& job);
  bool is_asked(std::initializer_list<std::string_view> verbs, std::string const& job) const;

  test::House& house_;
  std::map<std::string, Standing> jobs_;
  bool spool_paused_ = false;
  std::deque<Awaited> awaited_;
  std::map<std::string, int> told_;   // of commands: how often
  std::set<std::string> had_effect_;  // by their ids
  std::string trouble_;
};

}  // namespace wanspool::sim
