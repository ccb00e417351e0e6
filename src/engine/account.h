#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/limiter.h"
#include "engine/account_list.h"
#include "engine/lane.h"
#include "engine/list_watch.h"
#include "provider/provider.h"

namespace wanspool {

// What the configuration says of an account.
struct AccountSettings {
  std::string name;                                    // "": the main one
  std::string endpoint;                                // base address
  std::string workspace;                               // that each request names; "" for none
  int queries_per_second = 20, lists_per_second = 20;  // 0: no limit
  // Asked at the start and again whenever the service refused the last one; "" where there is none.
  std::function<std::string()> key;
};

// One account of the provider's, as one key sees it: what may leave, and what is out there under it. What is
// learned of one holds for no other.
struct Account {
  explicit Account(AccountSettings const& settings);
  // A start remembers no queries: as if all that may be had just been answered.
  void begin(Instant now);
  // Other rates from now on.
  void change(int queries_most, int lists_most, Instant now);
  bool has_key() const { return !endpoint.key.empty(); }

  std::string name;
  provider::Endpoint endpoint;
  std::function<std::string()> key;
  int queries_per_second, lists_per_second;

  std::map<std::string, Lane> lanes;  // by model
  Limiter queries, lists;
  std::set<std::pair<Instant, std::int64_t>> polls;  // by their due; never a task that is busy
  int out_there = 0;                                 // tasks that the provider has, as far as is known
  Instant answered;                                  // when a query last got a normal answer for any task

  std::string refused_key;  // what the service would not have, until another one is found
  Instant key_look;
  Instant key_check;             // when the service is asked about it; Instant::max(): it has been
  std::uint64_t key_ticket = 0;  // of the question, while it holds for this key
  std::string key_words;         // what it was told, as the reason of its lanes
  bool doubted = false;          // all tasks are UNKNOWN
  std::string caller;            // its own id, as a list has told it since the start
  std::string twin;  // why it buys nothing: another one that is configured is the same; "": none is

  // Which tasks have ended, by the newest pages of the list.
  ListWatch watch;
  milliseconds look_pause{0};        // between two looks
  std::set<std::int64_t> announced;  // the list says that they have ended
  std::set<std::int64_t> freed;      // of these, those whose slots count as free before they are asked for
  bool ends_believed = true;         // queries confirm what the list says

  // The whole list, which settles doubts.
  AccountList list;
  Instant list_retry, shared_again;
  int list_misses = 0;
  bool list_wanted = false;  // somebody waits for it
};

}  // namespace wanspool
