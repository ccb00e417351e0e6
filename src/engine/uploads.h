#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/lane.h"
#include "core/policy.h"
#include "engine/workers.h"
#include "provider/provider.h"
#include "store/store.h"

namespace wanspool {

// A picture by its bytes, and where they may lie: the first place that has them counts.
struct Content {
  std::string name;  // "SHA256.EXT"
  std::vector<std::filesystem::path> places;

  std::string sha256() const { return name.substr(0, name.find('.')); }
};

// Pictures on their way to the provider, each once for a model and an account, whatever jobs use it
// (contract §7). An upload costs nothing and may be repeated: what a crash forgets is done again.
class Uploads {
 public:
  struct Outside {
    std::function<provider::Endpoint const&(std::string const& account)> endpoint;
    std::function<std::uint64_t(Request)> send;  // returns the ticket of its reply
    // The key or the bill of the lane's account.
    std::function<void(LaneKey const& lane, Trouble const&)> tell;
    // Why no picture is sent to this address, which the service named; "" if it may be. Nothing: any may.
    std::function<std::string(std::string const& url)> why_not = {};
  };
  enum class Stand { There, Waiting, Lost };
  struct Look {
    Stand stand = Stand::Waiting;
    std::string address;  // There
    Trouble trouble;      // Lost
  };
  Uploads(Store& store, Workers& workers, Backoff backoff, Outside outside)
      : store_{store}, workers_{workers}, backoff_{backoff}, outside_{std::move(outside)} {}

  // How it stands with the picture; one that nobody has wanted before is wanted from now on.
  Look look(LaneKey const& lane, Content const& content, Instant now);
  // Sends what is wanted, as much as may be under way at once.
  void step(Instant now);
  // When step() is worth calling though nothing was heard.
  Instant next_step(Instant now) const;
  // False if the reply is not to a request of ours.
  bool hear(Reply const& reply, Instant now);
  // A request that was sent at `sent` could not read it where it lies: it goes up anew, unless it has since.
  void forget(LaneKey const& lane, Content const& content, Instant sent, Instant now);

  // What has to be written; named until committed() says that it is.
  std::vector<Upload> const& news() const { return news_; }
  void committed() { news_.clear(); }
  // Why nothing goes up under any account that something is wanted for, for a person; "" while it does.
  std::string complaint() const;
  // The same of one account.
  bool is_stuck(std::string const& account) const;

 private:
  using Key = std::pair<LaneKey, std::string>;  // and sha256
  enum class Stage { Wanted, Reading, Going, There, Lost };
  struct Entry {
    Stage stage = Stage::Wanted;
    Content content;
    std::string name, address;  // at the provider
    Instant at;                 // when it came there
    Instant not_before;
    int misses = 0;
    std::size_t bytes = 0;
    Trouble trouble;
  };
  struct Leave {
    std::optional<provider::UploadPolicy> policy;
    bool asked = false;
    Instant not_before;
    int misses = 0;
  };
  struct Read {
    std::string bytes, trouble;
  };

  static Read read(Content const& content);
  bool has_room(std::size_t bytes) const;
  bool has_leave(LaneKey const& lane, Instant now);
  void begin(Key const& key, Entry& entry);
  void post(Key const& key, std::string bytes);
  void hear_policy(LaneKey const& lane, Reply const& reply, Instant now);
  void hear_upload(Key const& key, Reply const& reply, Instant now);
  void complain(std::string const& account, std::string const& words, std::string const& told);
  void lose(Entry& entry, std::string code, std::string words);
  void end_flight(Entry& entry);

  Store& store_;
  Workers& workers_;
  Backoff backoff_;
  Outside outside_;
  std::map<Key, Entry> entries_;
  std::deque<Key> wanted_;  // in the order in which they were first wanted
  std::map<LaneKey, Leave> leaves_;
  std::map<std::uint64_t, Key> uploads_;
  std::map<std::uint64_t, LaneKey> policies_;
  std::vector<Upload> news_;
  std::map<std::string, std::string> complaints_;  // by account; "": it does
  std::size_t bytes_ = 0;                          // under way
  int under_way_ = 0;
  std::uint64_t names_ = 0;
};

}  // namespace wanspool
