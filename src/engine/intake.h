#pragma once

#include <array>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/authority.h"
#include "engine/chains.h"
#include "engine/claim_name.h"
#include "engine/consent.h"
#include "engine/expand.h"
#include "engine/inbox.h"
#include "engine/spool.h"
#include "engine/workers.h"
#include "store/store.h"

namespace wanspool {

// What became of a dropped file.
struct Receipt {
  std::string source;    // the name it was dropped under
  std::string manifest;  // "" if it could not be read
  bool accepted = false;
  Taken taken;
  std::vector<Complaint> complaints;
  std::string words = {};  // what became of a command; "" for a manifest
};

// What became of a command: what was done, or why not.
struct Obeyed {
  std::string text;
  std::vector<std::string> complaints;
  bool more = false;        // it goes on at the next step
  std::string counts = {};  // its numbers for programs, "NAME  VALUE" a line (engine/errand_words.h)
};

// Takes manifests in, files and bundles, each exactly once or with a reason why not: claim (rename into
// state/claims), read and check on a worker, put its jobs into the store in slices, make it live, move it to
// accepted/ or rejected/. Several small ones share a step, and the syncs of the folders.
class Intake {
 public:
  struct Settings {
    Spool spool;
    Models models;
    std::string region;
    Inbox::Timing timing;
    std::string currency;
    Money ask_above;  // what a manifest may newly cost without anybody having agreed
    std::function<milliseconds()>
        time_left;  // until everything that is queued will be done; 0: nobody can tell
    std::function<std::optional<Obeyed>(Command const&, Instant)> obey;  // none: not yet
    std::function<bool(std::int64_t user)> is_admin = wanspool::is_admin;
  };
  Intake(Settings settings, Store& store, Workers& workers, std::function<void(Receipt const&)> tell);

  // Others from now on; what is being read is read by those that held when it was begun.
  void change(Models const& models, Inbox::Timing timing, Money ask_above);

  int wake_fd() const { return inbox_.wake_fd(); }
  // One slice of work, well under 50 ms. Returns whether jobs became live. Throws StoreFull, or
  // std::system_error for files and folders: the same slice is done again at the next call.
  bool step(Instant now);
  Instant next_look(Instant now) const;
  // Nothing is being taken in and nothing lies in the inbox that may still settle.
  bool idle() const;
  // A manifest or a bundle from anywhere, copied: it needs no settling. What is said of it besides goes with
  // it: `handover.files` names the files that it names, and where these lie is found out here. Returns false
  // if something cannot be read, and says so. Throws StoreFull.
  bool take_copy(std::filesystem::path const& path, Handover const& handover, Instant now);

 private:
  // What tells that somebody who still has a claim's file open has gone on writing.
  using Stamp = std::array<std::int64_t, 4>;
  struct Work {
    std::string claim;
    Expansion expansion;
    Stamp stamp{};  // of the claim before it was read
    std::unique_ptr<SpillReader> spill;
    std::unique_ptr<Chains> chains;
    std::vector<NewJob> rows;  // of a slice that a full disk broke off
    std::int64_t manifest = 0;
    std::exception_ptr failure;    // of our own files, while it was read
    std::optional<Taken> taken;    // it is live
    std::optional<Obeyed> obeyed;  // it was a command, and this has come of it
    bool read = false;
    bool is_long = false;  // more than is read before its turn: it is read again when that has come
    bool settled = false;  // it is taken, obeyed or wrong, and only has to be put away
  };

  // claims.cpp: how a file becomes a claim
  void find_claims();
  void look_at_inbox(Instant now);
  void look_into(std::string const& name);
  void claim(std::string const& name, Instant now);
  std::string new_claim(std::string const& name, Instant now);
  void line_up(std::string const& claim);
  void wait_until_mended(std::string const& name, std::string const& why);
  bool put_back(std::filesystem::path const& claim, std::filesystem::path const& to);
  void sync_claims();
  void report();
  Instant claim_time(Instant now);
  void copy_to(std::string const& claim, std::filesystem::path const& path, Handover handover);

  // claim_copy.cpp: where it has to be copied out of the inbox
  void claim_copy(std::string const& name, Instant now);
  bool copy_open(Fd const& original, bool folder, std::string const& claim, std::string const& name);

  // intake.cpp: how a claim becomes rows
  void read_ahead(Instant now);
  std::shared_ptr<Work> begin(std::string const& claim, bool ahead, Instant now);
  void read(std::shared_ptr<Work> const& work, bool ahead);
  void forget_what_was_read();
  bool settle(std::shared_ptr<Work> work, Instant now);
  bool advance(Instant now);
  bool settled();
  static Stamp stamp_of(std::filesystem::path const& claim);
  bool is_being_written() const;
  bool read_again(Instant now);
  bool obey(Instant now);
  void look_once_more(Instant now);
  std::optional<Obeyed> outcome_of(Command const& command, Instant now);
  bool begin_rows(Instant now);
  bool slice(Instant now);
  bool read_slice();
  Bill bill_of(Taken const& plan) const;
  std::string why_not_taken() const;
  bool finish(Instant now);
  std::int64_t owner() const;

  // receipts.cpp: what becomes of it
  void write_bad_rows();
  void put_away(Instant now);
  std::size_t write_answers(Instant now, std::set<std::filesystem::path>& folders);
  std::shared_ptr<Work> put_first_away();
  bool is_accepted() const { return work_->taken || work_->obeyed; }
  std::filesystem::path place() const;
  std::filesystem::path answer_file() const;
  void write_answer(Instant now);
  std::string receipt(Instant now) const;
  void move_away();
  void accept(Instant now);
  void reject();
  void refuse_in_place(std::string const& name, std::string const& words);

  Settings settings_;
  std::shared_ptr<Models const> models_;  // shared with the workers that read by them
  Store& store_;
  Workers& workers_;
  std::function<void(Receipt const&)> tell_;
  Inbox inbox_;
  std::deque<std::string> claims_;
  bool unsynced_ = false;         // some of them were made by a rename that is not safe yet
  std::set<std::string> copied_;  // keys of originals that had been copied before a start
  // Folders in the inbox: those whose manifest is read for what it names, those that have all of it, and
  // those that lack something, with the moment up to which it may still come.
  std::set<std::string> looked_into_;
  std::deque<std::string> complete_;
  std::map<std::string, Instant> lacking_;
  // Of the first claims, in their order; each is shared with the worker that reads it. None: to be read anew.
  std::deque<std::shared_ptr<Work>> works_;
  std::shared_ptr<Work> work_;  // the one that is looked at
  std::size_t room_ = 0;        // of this step, in rows
  bool live_ = false;           // something has become so in this step
  std::size_t reported_ = 0;    // how often the inbox had changed its mind by then
  std::string report_;          // what was told
  Instant read_again_;          // what was still being written
  std::string rewritten_;       // that claim
  int rewrites_ = 0;            // how often it was
  int claims_made_ = 0;
  Instant claim_time_;
  Instant obey_again_;  // a command that had to wait
  // Manifests in accepted/, the oldest first: whoever writes over a network unseen may have paused.
  struct SecondLook {
    std::string source;
    Stamp stamp;  // when it was read
    Instant at;
  };
  std::deque<SecondLook> second_looks_;
  std::map<std::string, Stamp> last_looks_;  // of each source the last of them
};

// Whatever lies there, a folder too, is gone after it. Throws std::system_error.
void clear(std::filesystem::path const& path);

}  // namespace wanspool
