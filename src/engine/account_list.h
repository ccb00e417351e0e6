#pragma once

#include <map>
#include <string>
#include <vector>

#include "provider/provider.h"

namespace wanspool {

// Reads the account's whole list, page after page and pass after pass, until two passes agree: what is made
// meanwhile moves rows from page to page. Asks nothing itself; its owner sends what it wants.
class AccountList {
 public:
  enum class Stand {
    Idle,
    Reading,
    Agreed,   // rows() is the list as it was at read_at() or later, until they are let go of
    Refused,  // the service will not show it
    Failed,   // not now
  };

  Stand stand() const { return stand_; }
  void begin(Instant now);
  // When the first pass began: what was in the list then is in rows().
  Instant read_at() const { return read_at_; }
  // Whether a page is under way; while reading and not asking, take_page() says the next one to ask for.
  bool is_asking() const { return asked_; }
  int take_page() { return asked_ = true, page_; }
  // A page that cannot be had now is asked for again, a few times in a row: of a hundred one may fail.
  void hear(std::variant<provider::ListPage, Trouble> const& answer);
  // How often in a row that happened by now.
  int misses() const { return misses_; }
  std::string const& complaint() const { return complaint_; }
  std::vector<ListRow> rows() const;
  // Nobody needs them any more: a day's list of a large account is megabytes. While reading: nothing.
  void let_go_of_rows() {
    if (stand_ != Stand::Reading) last_.clear();
  }

 private:
  using Rows = std::map<std::string, ListRow>;  // by task_id
  void end_pass();
  void give_up(Stand stand, std::string words);

  Stand stand_ = Stand::Idle;
  Instant read_at_;
  int page_ = 1, passes_ = 0, misses_ = 0;
  bool asked_ = false;
  Rows pass_, last_;
  std::string complaint_;
};

}  // namespace wanspool
