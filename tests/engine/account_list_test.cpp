#include <doctest/doctest.h>

#include "engine/account_list.h"

using namespace wanspool;
using Stand = AccountList::Stand;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr int kPages = 3;

// A list of three pages, one row each, of which a page may be refused.
class Reading {
 public:
  Reading() { list.begin(Instant{seconds{100}}); }

  void hear_next() {
    auto const page = list.take_page();
    ListRow row;
    row.task_id = "task-" + std::to_string(page);
    row.created = Instant{seconds{100 - page}};
    list.hear(provider::ListPage{{row}, page, kPages});
  }
  // The page that was asked for.
  int refuse_next(Trouble::Kind kind) {
    auto const page = list.take_page();
    Trouble trouble;
    trouble.kind = kind;
    trouble.message = "not now";
    list.hear(trouble);
    return page;
  }

  AccountList list;
};

}  // namespace

TEST_CASE(
    "of the account's list a page that cannot be had now is asked for again, and what was read is kept") {
  Reading reading;
  auto& list = reading.list;
  reading.hear_next();
  for (int misses = 1; misses <= 4; ++misses) {
    CHECK(reading.refuse_next(Trouble::Kind::Lane) == 2);
    CHECK(list.stand() == Stand::Reading);
    CHECK_FALSE(list.is_asking());
    CHECK(list.misses() == misses);
  }
  for (int page = 2; page < 2 * kPages; ++page) reading.hear_next();
  CHECK(list.misses() == 0);
  CHECK(list.stand() == Stand::Reading);
  reading.hear_next();
  CHECK(list.stand() == Stand::Agreed);
  CHECK(list.rows().size() == kPages);
  list.let_go_of_rows();
  CHECK(list.rows().empty());
  CHECK(list.stand() == Stand::Agreed);
}

TEST_CASE("the account's list is given up after one page failed five times in a row, or was refused") {
  Reading failing, refused;
  failing.hear_next();
  for (int i = 0; i < 5; ++i) CHECK(failing.refuse_next(Trouble::Kind::Lane) == 2);
  CHECK(failing.list.stand() == Stand::Failed);
  CHECK(failing.list.complaint() == "not now");
  refused.hear_next();
  refused.refuse_next(Trouble::Kind::Fatal);
  CHECK(refused.list.stand() == Stand::Refused);
}

TEST_SUITE_END();
