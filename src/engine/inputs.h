#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/input_names.h"
#include "engine/fetches.h"
#include "engine/spool.h"
#include "engine/uploads.h"

namespace wanspool {

// What has to be at the provider before a create may leave: files of ours, pictures of other jobs, and those
// of the web that are fetched here.
class Inputs {
 public:
  enum class Stand { Ready, Waiting, Hopeless };
  struct Look {
    Stand stand = Stand::Waiting;
    Trouble trouble = {};  // Hopeless
  };
  Inputs(Spool const& spool, Models const& models, Store& store, Workers& workers, Backoff backoff,
         Uploads::Outside outside);

  // How it stands with a queued task that brings inputs, for the account that it names; what is lacking is
  // wanted from now on.
  Look look(Task const& task, Instant now);
  bool is_ready(std::int64_t task) const { return ready_.contains(task); }
  // The body as it is sent, of a task that is ready, which is forgotten here.
  std::string take_body(Task const& task);
  // The service could not read what it was given.
  void forget(Task const& task, Instant now);
  // Nothing that was learned of tasks holds any more.
  void look_anew();

  // As of Uploads and Fetches.
  void step(Instant now);
  Instant next_step(Instant now) const;
  bool hear(Reply const& reply, Instant now);
  void write_to(Batch& batch) const;
  void committed();
  std::string complaint() const { return uploads_.complaint(); }
  bool is_stuck(std::string const& account) const { return uploads_.is_stuck(account); }

 private:
  // One input of a task: what it says in its body, and the bytes that stand for it once they are known.
  struct Need {
    std::string text;
    Content content;
  };
  struct Found {
    Stand stand = Stand::Ready;
    Content content = {};  // without a name: the text goes as it is
    Trouble trouble = {};
  };
  std::vector<Need> needs_of(Task const& task);
  Found find(Task const& task, std::string const& text, Instant now);
  Found find_picture(PictureOfJob const& wanted, std::string const& model);
  Found find_fetched(Task const& task, std::string const& address, Instant now);

  Spool const& spool_;
  Models const& models_;
  Store& store_;
  Uploads uploads_;
  Fetches fetches_;
  std::unordered_map<std::int64_t, std::vector<Need>> needs_;
  std::unordered_map<std::int64_t, std::unordered_map<std::string, std::string>> ready_;  // addresses
};

}  // namespace wanspool
