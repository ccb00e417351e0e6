#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/model.h"
#include "core/policy.h"
#include "engine/workers.h"
#include "provider/provider.h"
#include "store/store.h"

namespace wanspool {

// Pictures of the web that the service cannot read itself (contract §4, class I): fetched into files/, each
// address once a day, whatever jobs use it.
class Fetches {
 public:
  using Send = std::function<std::uint64_t(Request)>;
  enum class Stand { There, Waiting, Lost };
  struct Look {
    Stand stand = Stand::Waiting;
    std::string file;  // There: "SHA256.EXT" below the folder
    Trouble trouble;   // Lost
  };
  // Whole pictures are kept in `folder`; those that come lie in `parts`, on the same file system.
  Fetches(std::filesystem::path const& folder, std::filesystem::path const& parts, Store& store,
          Workers& workers, Backoff backoff, Send send)
      : folder_{folder},
        parts_folder_{parts},
        store_{store},
        workers_{workers},
        backoff_{backoff},
        send_{std::move(send)} {}

  // How it stands with the picture of this address, for a model that takes such; one that nobody has wanted
  // lately is wanted from now on.
  Look look(std::string const& address, Model const& model, Instant now);
  // As Uploads'.
  void step(Instant now);
  Instant next_step(Instant now) const;
  bool hear(Reply const& reply, Instant now);
  std::vector<Fetched> const& news() const { return news_; }
  void committed() { news_.clear(); }

 private:
  class Sink;
  enum class Stage { Wanted, Going, Checking, There, Lost };
  struct Entry {
    Stage stage = Stage::Wanted;
    Model const* model = nullptr;
    std::string url;  // after redirects
    int redirects = 0;
    std::filesystem::path part;
    std::shared_ptr<BodySink> sink;
    std::string file;
    Instant at, not_before;
    int misses = 0;
    Trouble trouble;
  };
  void begin(std::string const& address, Entry& entry);
  void check(std::string const& address);
  void checked(std::string const& address, std::string file, std::string why_not);
  void lose(Entry& entry, std::string words);
  void wait_for_disk(Entry& entry, std::string const& words);
  void miss(Entry& entry, std::string words, milliseconds wait, Instant now);

  std::filesystem::path const& folder_;
  std::filesystem::path const& parts_folder_;
  Store& store_;
  Workers& workers_;
  Backoff backoff_;
  Send send_;
  std::map<std::string, Entry> entries_;  // by address
  std::map<std::uint64_t, std::string> flights_;
  std::vector<Fetched> news_;
  std::uint64_t parts_ = 0;
  Instant now_;
};

}  // namespace wanspool
