#include "engine/account.h"

namespace wanspool {

Account::Account(AccountSettings const& settings)
    : name{settings.name},
      endpoint{settings.endpoint, settings.key(), settings.workspace},
      key{settings.key},
      queries_per_second{settings.queries_per_second},
      lists_per_second{settings.lists_per_second},
      queries{settings.queries_per_second, milliseconds{1000}},
      lists{settings.lists_per_second, milliseconds{1000}} {}

void Account::begin(Instant now) {
  for (int i = 0; i < queries_per_second; ++i) queries.recall(now);
  for (int i = 0; i < lists_per_second; ++i) lists.recall(now);
}

void Account::change(int queries_most, int lists_most, Instant now) {
  constexpr seconds kWindow{1};
  queries_per_second = queries_most;
  lists_per_second = lists_most;
  queries.change(queries_most, kWindow, now);
  lists.change(lists_most, kWindow, now);
}

}  // namespace wanspool
