#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/http.h"
#include "core/decide.h"
#include "core/tally.h"
#include "engine/account.h"
#include "engine/budgets.h"
#include "engine/deliveries.h"
#include "engine/hosts.h"
#include "engine/index.h"
#include "engine/inputs.h"
#include "engine/intake.h"
#include "engine/output.h"
#include "engine/queue.h"
#include "engine/spool.h"
#include "engine/status_files.h"
#include "engine/story.h"
#include "engine/traffic.h"
#include "engine/workers.h"
#include "manifest/config.h"
#include "provider/provider.h"
#include "store/store.h"

namespace wanspool {

// How long a create in doubt is thought to hold a slot: several times what a task takes (contract §3.3). As
// long as that nobody relies on it; after it the lane goes on, for only its next task proves what the list
// says.
inline constexpr milliseconds kGhostLife = minutes{5};
// Tasks whose pictures are still to be fetched, at the least: where nothing can be fetched no more is bought,
// for results vanish after a day (contract §6). As many as may end at once do not stop the next ones.
inline constexpr int kFetchesLeast = 200;

// What the engine tells whoever runs it, on the wheel's own thread.
struct Audience {
  virtual ~Audience() = default;
  virtual void receipt(Receipt const&) {}                // a dropped file was taken or rejected
  virtual void picture(std::filesystem::path const&) {}  // a picture has its final name
  // Paid for and not fetched, and its address dies then: once six hours before, once one hour before.
  virtual void expiring(Task const&, milliseconds) {}
  virtual void ended(Task const&) {}    // done, failed, canceled or held; committed
  virtual void stopped(Stop const&) {}  // a cap newly keeps jobs from being bought
};

struct EngineSettings {
  Spool spool;
  // The main account, named "", and those beside it; all at one region. At least one.
  std::vector<AccountSettings> accounts;
  Models models;
  Config config;
  int workers = 4;
  int downloads_at_once = 16;  // at the least; more where there are hundreds of slots
  bool checks_keys = false;    // asks the service, once for each key, whether it takes it
  std::string region = {};     // whose prices and limits apply; "": what the endpoint's host tells
};

// How many tasks a lane has out there, and how many it may have.
struct LaneStand {
  LaneRow row;
  Limits limits;
  int outstanding = 0;
  int room = 0;  // a very large number where no limit is known
};

// Why no create leaves, in the words of a status line; "" while nothing hinders.
struct Hindrance {
  enum class Kind { None, Stopping, Paused, Disk, Fetching, Account };
  Kind kind = Kind::None;
  std::string text;
};

// The wheel: one turn listens, learns, decides, commits and only then acts (design §4).
class Engine {
 public:
  // Throws StoreBroken (78) if the spool was filled by an emulator and this is the service, or the other way
  // round, or by another region, or if tasks are out there under an account that is none of these.
  Engine(EngineSettings settings, Clock const& clock, Http& http, Store& store, Audience& audience);
  ~Engine();

  // Returns when something happened, at `latest`, or when a descriptor of `wake` is readable.
  void turn(Instant latest, std::span<int const> wake = {});

  // The file or bundle becomes a claim at once, with what is said of it besides; false if it cannot be read.
  bool take_copy(std::filesystem::path const& file, Handover const& handover = {}) {
    return intake_.take_copy(file, handover, clock_.now());
  }
  // Another configuration from now on, between two turns: limits, rates, caps, rows of models, times.
  // Accounts and where things are stay as they are, whatever it says. What is under way goes on; a lower
  // limit holds at once. A row of the table that is gone stays as well, for jobs may wait for it; returns the
  // names of these.
  std::vector<std::string> change(Models models, Config config);
  // No create leaves any more; what is paid goes on.
  void stop_creating(std::string reason);
  // Creates that have left and are unanswered.
  int unanswered() const;
  // metadata.jsonl is about to be told of pictures that are there.
  bool is_telling() const { return index_.is_telling(); }
  // Nothing more will happen by itself: all is finished, or only a person can help.
  bool idle() const;
  // The last word on everything that is left was about a key or a bill.
  bool account_is_stopped() const;

  Tally const& tally() const { return tally_; }
  Hindrance hindrance() const;
  std::vector<LaneRow> weather() const;
  // Caps that keep jobs from being bought.
  std::vector<Stop> stops() const { return budgets_.found(); }
  // Until what is queued and under way will be done at the present pace; 0: nobody can tell yet.
  milliseconds time_left() const;
  // Tasks that have ended and whose pictures are not here.
  std::int64_t uncollected() const;
  // Pictures that are paid for and still to be fetched, and whose addresses die before that.
  std::int64_t dying_before(Instant then) const;
  // What counts against the cap of the day, and that cap.
  Counted today() { return budgets_.today(); }
  Budget const& cap_of_today() const { return budgets_.cap_of_today(); }
  std::vector<LaneStand> stands(Instant now) const;
  Traffic const& traffic() const { return traffic_; }
  // Why pictures that are paid for are not fetched until a person says that their hosts are right; "" while
  // that keeps none.
  std::string refused_addresses() const;

 private:
  struct Flight {
    enum class Kind { Create, Query, Cancel, Picture, List, Watch, KeyCheck, Input } kind;
    std::int64_t task;
    int picture = 0;
    std::shared_ptr<PictureSink> sink = nullptr;
    std::string account = {};  // of a list

    Traffic::Kind asks() const {
      switch (kind) {
        case Kind::Create:
          return Traffic::Kind::Create;
        case Kind::Query:
        case Kind::Cancel:  // it takes its place among them
          return Traffic::Kind::Query;
        case Kind::Picture:
          return Traffic::Kind::Picture;
        case Kind::List:
        case Kind::Watch:
        case Kind::KeyCheck:
          return Traffic::Kind::List;
        case Kind::Input:
          break;
      }
      return Traffic::Kind::Input;
    }
  };
  struct Deed {
    std::int64_t task;
    Act act;
  };

  enum class Alarm { None, SixHours, OneHour };

  // recover.cpp: after a start
  void check_origin();
  void check_accounts();
  void remember_origin();
  void recover();
  void recall_creates(std::string const& model, Instant now);
  void tidy_up();

  // engine.cpp: the turn itself
  bool may_take_in() const;
  void take_in(Instant now);
  void read_queue_anew();
  void read_windows_anew();
  void wake_successors();
  void notice_sleep(Instant expected, Instant now);
  bool at_rest() const;
  void rest_when_done();
  std::string what_stops_all_of(Account const& account) const;
  StatusFiles::Outlook status_outlook() const;
  bool is_stopped(Account const& account) const;
  bool nothing_to_send() const;
  Account& account_of(Task const& task) { return accounts_.at(task.account); }
  Lane& lane(Account& account, std::string const& model);
  Lane& lane(Task const& task) { return lane(account_of(task), task.model); }
  std::vector<Lane*> lanes();
  Queue& queue(std::string const& model);
  Policy policy_for(Task const& task);
  void put(Task task);
  void count(Task const& task, int sign);
  void schedule(Task const& task);
  bool is_busy(std::int64_t task) const { return busy_.contains(task) || planned_.contains(task); }
  void plan_act(std::int64_t task, Act act);

  // commit.cpp: one transaction for each turn, and what comes of it
  bool may_gather(Instant now);
  bool commit(Instant now);
  void note_commit(Batch const& batch);
  void take_up_made(std::vector<Task> const& made);
  void let_go(Task const& task);
  void tell_index(Task const& task);
  void note_receipt(Receipt const& receipt);
  void queue_again(Task const& task);

  void tell_of_stops(std::vector<Stop> const& stops, Instant now);

  // change.cpp: what a new configuration changes
  void change_limits(Instant now);

  // due.cpp: when the wheel turns next though nothing is heard
  Instant next_due(Instant now);
  Instant next_create(Queue const& queue, Instant now);
  bool is_kept_from(Account const& account, Task const& queued);

  // hear.cpp: what the world says
  void hear(Reply reply, Instant now);
  void hear_create(Task const& task, Reply const& reply, Instant now);
  void hear_query(Task const& task, Reply const& reply, Instant now);
  void hear_cancel(Task const& task, Reply const& reply, Instant now);
  void hear_picture(Flight const& flight, Reply const& reply, Instant now);
  void keep_picture(std::int64_t task, std::shared_ptr<PictureSink> sink);
  Workers::After after_picture(std::int64_t task, News const& news);
  void tell(std::int64_t task, News const& news, Instant now);
  void note_limits(Lane const& its, ControllerMemory const& before);
  void tell_lanes(LaneKey const& about, News const& news, Instant now);
  void tell_inputs(Task const& task, News const& news, Instant now);
  void file_trouble(std::string const& words, Instant now);
  void doubt_account(Account& account, Instant now);
  void trust_account(Account& account);
  void land(std::int64_t task);

  // refusals.cpp: addresses that nothing is fetched from
  void note_refusal(std::int64_t task, news::PictureMissed& missed, Instant now);
  bool is_refused(Task const& task) const;
  void tell_of_refusals();

  // doubts.cpp: what the account's list says
  struct DoubtMemory {
    Instant looked;    // when the last list that it was judged by was read
    Instant evidence;  // when a task was accepted that was sent after it
  };
  void remember_doubt(Task const& task);
  Instant list_due(Task const& doubt) const;
  bool is_stuck(Task const& doubt) const;
  Instant next_list(Account& account, Instant now);
  void read_list(Account& account, Instant now);
  void hear_list(Account& account, Reply const& reply, Instant now);
  std::vector<KnownTask> known_tasks(Account const& account, Instant now);
  std::vector<Doubt> doubts(Account const& account, Instant now);
  void settle_doubts(Account& account, Instant now);
  void obey_verdict(Verdict const& verdict, Instant now);
  void give_doubts_up(Account const& account, std::string const& why, Instant now);
  void recall_evidence(Instant now);
  void note_evidence(Task const& accepted, Instant now);
  bool needs_evidence(Account const& account) const;
  void file_orphan(Account const& account, ListRow const& row, Instant accepted, std::int64_t candidate_for);
  void note_account(Account& account, Verdicts const& verdicts, std::vector<ListRow> const& rows,
                    Instant now);
  void find_twins(Account& account, std::string const& caller);
  void call_twin(Account& twin, Account const& of);
  void compare_keys();
  bool is_one_with(Account const& account, std::string const& other) const;

  // watching.cpp: which tasks have ended, by the newest pages of the list
  Instant next_look(Account& account, Instant now);
  bool begin_look(Account& account, Instant now);
  void look_at_list(Account& account, Instant now);
  void hear_look(Account& account, Reply const& reply, Instant now);
  void learn_service(Task const& before, Task const& task, Instant now);
  void count_as_free(Task const& announced, Instant now);
  void believe_ends(Account& account, bool do_it);
  void take_back(Task const& announced);
  void write_what_is_learned(Instant now);

  // commands.cpp: what a person asks for
  std::optional<Obeyed> obey(Command const& command, Instant now);
  std::optional<Obeyed> redo(Command const& command, Instant now);
  std::optional<Obeyed> adopt(Command const& command, Instant now);
  std::optional<Obeyed> resume(Command const& command, Instant now);
  Obeyed pause(Command const& command, Instant now);
  bool try_lanes_again(Instant now);
  std::optional<Wanted> wanted(std::string const& job);
  std::string why_not_redo(Wanted const& job);
  void have_effect(Effects const& effects);
  void forget(std::int64_t task);
  void ask_for_lists(std::string const& command);
  void answer_lists();

  // errands.cpp: what a person asks of many jobs
  std::optional<Obeyed> run_errand(Command const& command, Instant now);
  void follow_wishes(Instant now);

  // restore.cpp: after an older copy of the queue was put back
  void begin_restore(Instant now);
  std::size_t match_stories(Instant now);
  void look_for_strangers(Account const& account, Verdicts const& verdicts, std::vector<ListRow> const& rows,
                          Instant now);
  void end_restore(Instant now);
  void give_up_doubts_of_copy(Instant now);
  void end_restore_unseen(Account const& account, std::string const& why, Instant now);
  void unpause();

  // admit.cpp: what is done next
  void admit(Instant now);
  void admit_polls(Account& account, Instant now);
  void admit_downloads(Instant now);
  std::int64_t fetches_most() const;
  int downloads_most() const;
  void watch_expiries(Instant now);
  void admit_creates(Queue& queue, Instant now);
  bool plan_create(Queue& queue, Instant now);
  void begin_create(Queue& queue, Account& account, Task queued, Instant now);
  bool pass_over_stopped(Queue& queue, std::set<std::int64_t>& passed, Instant now);
  bool pass_over_waiting(Queue& queue, Instant now);
  void end_overdue(Queue& queue, Instant now);
  void tell_of_uploads();
  void end_unsent(Task queued, Trouble const& trouble, Instant now);
  void page_in(Queue& queue, Instant now);
  void take_up(Task task);
  void refuse_all(Queue& queue, Instant now);
  void look_at_disk(Instant now);
  std::string what_hinders_storing() const;

  // keys.cpp: whether the service takes the accounts' keys
  void look_at_key(Account& account, Instant now);
  Instant next_key_check(Account& account, Instant now) const;
  void check_key(Account& account, Instant now);
  void hear_key_check(Account& account, Reply const& reply, Instant now);

  // sharing.cpp: which account buys what
  bool may_create(Account& account, Lane& lane, Instant now);
  std::vector<Account*> by_room(std::string const& model, Instant now);
  bool may_buy(Account& account, Task const& queued);
  bool is_ready(Task const& queued, Account const& account) const;
  std::string const& share_of(Queue& queue, Task const& task, Instant now);
  void share_out(Queue& queue, Instant now);
  void look_at_inputs(Queue& queue, Instant now);

  // places.cpp: where pictures go whose job is given another place meanwhile
  bool refresh_place(std::int64_t task);
  bool settle_places(Task const& task);
  static Picture bring(std::filesystem::path const& from, PictureSink& sink);
  void take_over_places(Task const& moved);

  // perform.cpp: after the commit, never before
  void perform(Deed const& deed, Instant now);
  void submit(Task const& task);
  void query(Task const& task);
  void cancel(Task const& task);
  void download(Task const& task, Instant now);
  void fetch(std::int64_t task, Picture const& picture, std::shared_ptr<PictureSink> const& sink);
  std::filesystem::path picture_at_hand(Task const& task, Picture const& picture) const;
  std::shared_ptr<PictureSink> sink_for(Task const& task, Picture wanted) const;
  void copy_from(std::filesystem::path const& from, std::int64_t task, int number,
                 std::shared_ptr<PictureSink> sink);
  void publish(Task const& task, Instant now);
  void publish_again(std::int64_t task);
  void publish_later(std::int64_t task, Trouble const& trouble);
  void tell_failure(Task const& task);
  Story story_of(Task const& task);
  std::vector<Task> family_of(Task const& task);
  std::filesystem::path folder_of(Task const& task) const;
  std::filesystem::path old_folder_of(Task const& task) const;
  void refill(Task const& task);
  std::uint64_t take_off(Flight flight);
  std::uint64_t send_input(Request request);

  EngineSettings settings_;
  std::vector<Models> former_models_;  // some work still looks at their rows
  std::string region_;
  Clock const& clock_;
  Http& http_;
  Store& store_;
  Audience& audience_;
  Policy policy_;
  Workers workers_;
  Intake intake_;
  Deliveries deliveries_;
  Index index_;
  Inputs inputs_;
  Budgets budgets_;

  std::map<std::string, Account> accounts_;  // by name, with "" always
  std::map<std::string, Queue> queues_;      // by model
  Tally tally_;
  std::unordered_map<std::int64_t, Task> tasks_;  // all that are under way, and final ones until committed
  std::set<std::pair<Instant, std::int64_t>> downloads_;  // by their due; never a task that is busy
  std::set<std::pair<Instant, std::int64_t>> fetches_;    // due downloads, by what expires first
  std::unordered_map<std::int64_t, int> busy_;            // flights and file work of a task
  std::unordered_map<std::uint64_t, Flight> flights_;
  std::uint64_t last_ticket_ = 0;
  Traffic traffic_;
  int downloads_open_ = 0;
  int slots_ = 0;  // of all lanes

  std::map<std::int64_t, DoubtMemory> doubts_;          // every task in doubt
  std::vector<NewOrphan> orphans_;                      // found and not yet written
  std::vector<NewRefill> refills_;                      // wanted and not yet written
  std::map<std::string, std::string> facts_;            // the same, about the spool
  std::vector<std::string> answers_;                    // ids of commands that wait for the list
  std::optional<std::pair<Errand, ErrandLog>> errand_;  // that is being run
  std::string paused_;                                  // why nothing is bought until a person says so
  Instant stamp_;                                       // of the copy that is being made good; "never"
  std::set<std::string> unread_;                        // accounts whose lists it still waits for
  std::size_t since_copy_ = 0, unclear_ = 0;  // tasks that were made since; those that may be others'
  std::string unseen_;                        // why some list cannot be had

  std::set<std::int64_t> dirty_;  // tasks to be written
  std::set<LaneKey> dirty_lanes_;
  std::map<LaneKey, Instant> learned_;    // lanes whose service times are to be written, and by when
  std::map<std::int64_t, Alarm> alarms_;  // of pictures that are about to be lost: the last one given
  Instant alarm_look_;
  Instant steady_since_;                      // queries have been answered, and in time, since then
  std::vector<Deed> deeds_;                   // planned, waiting for the commit
  std::unordered_set<std::int64_t> planned_;  // whose they are
  std::vector<Task> failures_;                // committed, their story not told yet
  Instant store_retry_;                       // after a full disk: when to commit again
  Instant gather_until_;                      // news waits so long for a create's answer, to share its commit
  Instant intake_retry_;                      // and when to take manifests in again
  std::string disk_words_;                    // why the disk stops creates; "" while it does not
  Instant disk_look_, disk_until_;
  // Caps that were told of, and until when that is enough: one that comes and goes is told of once.
  std::map<std::string, Instant> stops_told_;
  std::int64_t picture_size_ = 4 << 20;  // bytes a picture is thought to need, learned
  std::string stopping_;
  bool origin_known_ = false;
  bool rests_ = false;
  std::string uploads_told_;  // why no input picture goes up, as the store has it
  std::string results_told_;  // why pictures are not fetched that could be, as the store has it
  Hosts const result_hosts_;
  std::map<std::int64_t, std::string> refused_;  // tasks whose pictures wait for a person, and why
  std::set<std::string> refusals_told_;
  StatusFiles status_;
};

}  // namespace wanspool
