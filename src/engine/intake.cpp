#include "engine/intake.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "base/count.h"
#include "base/disk.h"
#include "base/log.h"
#include "engine/inbox_names.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRowsPerSlice = 1000;
// What a manifest costs besides its rows, in rows.
constexpr std::size_t kRowsPerManifest = 125;
// Small files are read before it is their turn, so that the wheel need not wait for each.
constexpr std::size_t kReadAhead = 16;
constexpr off_t kSmall = 16 << 10;
constexpr std::uint64_t kRowsAhead = 1 << 20;  // bytes of rows
constexpr milliseconds kObeyAgain{100};
constexpr int kRewritesMost = 5;

bool is_manifest_name(std::string const& name) {
  // Some systems write it large.
  auto ending = fs::path{name}.extension().string();
  for (char& letter : ending)
    if (letter >= 'A' && letter <= 'Z') letter += 'a' - 'A';
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

bool is_small(fs::path const& claim) {
  struct stat info {};
  return ::lstat(claim.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= kSmall;
}

// Why a claim is not even read; "" if it is.
std::string refusal(fs::path const& claim, std::string const& source) {
  auto const status = fs::symlink_status(claim);
  if (is_bundle(claim)) return {};
  if (fs::is_directory(status))
    return "is a folder and holds no manifest.yaml; call the manifest in it that, or drop its file itself";
  if (!fs::is_regular_file(status)) return "is not a plain file";
  if (is_linked(claim)) return kLinked;
  if (!is_manifest_name(source))
    return "is not a manifest by its name; manifests end in .yaml, .yml or .json";
  return {};
}

}  // namespace

Intake::Intake(Settings settings, Store& store, Workers& workers, std::function<void(Receipt const&)> tell)
    : settings_{std::move(settings)},
      models_{std::make_shared<Models const>(std::move(settings_.models))},
      store_{store},
      workers_{workers},
      tell_{std::move(tell)},
      inbox_{settings_.spool.inbox, settings_.timing} {
  store_.drop_arriving();
  find_claims();
}

void Intake::change(Models const& models, Inbox::Timing timing, Money ask_above) {
  models_ = std::make_shared<Models const>(models);
  settings_.ask_above = ask_above;
  inbox_.change(timing);
}

// What was settled in one step is put away in the next: its receipt tells of an end that the wheel has
// worked out meanwhile.
bool Intake::step(Instant now) {
  look_once_more(now);
  look_at_inbox(now);
  report();
  put_away(now);
  read_ahead(now);
  live_ = false;
  room_ = kRowsPerSlice;
  try {
    for (std::size_t at = 0; at < works_.size() && settle(works_[at], now); ++at) continue;
  } catch (std::exception const&) {
    if (!live_) throw;  // else the wheel has to know of that first: this comes again at the next step
  }
  work_.reset();
  return live_;
}

// Whether what comes behind it is to be looked at in this step.
bool Intake::settle(std::shared_ptr<Work> work, Instant now) {
  if (!work || !work->read || work->is_long) return false;
  work_ = std::move(work);
  while (!work_->settled && room_ > 0)
    if (!advance(now)) return false;
  return room_ > 0;
}

// The next piece of it; false: nothing more in this step.
bool Intake::advance(Instant now) {
  if (work_->failure) {  // it is read once more
    auto const failure = work_->failure;
    if (!live_) forget_what_was_read();
    std::rethrow_exception(failure);
  }
  if (is_being_written()) return read_again(now);
  if (work_->expansion.command && work_->expansion.head.complaints.empty()) return obey(now);
  if (work_->manifest == 0 && !begin_rows(now)) return settled();
  return slice(now);
}

bool Intake::settled() {
  work_->settled = true;
  room_ -= std::min(room_, kRowsPerManifest);
  return true;
}

Instant Intake::next_look(Instant now) const {
  if (!complete_.empty()) return now;
  auto const first = works_.empty() ? nullptr : works_.front();
  auto soonest = inbox_.next_look();
  if (first && first->read) soonest = first->settled ? now : std::max(now, obey_again_);
  if (!first && !claims_.empty()) soonest = std::max(now, read_again_);
  for (auto const& [name, until] : lacking_) soonest = std::min(soonest, std::max(now, until));
  if (!second_looks_.empty()) soonest = std::min(soonest, std::max(now, second_looks_.front().at));
  return soonest;
}

bool Intake::idle() const {
  return claims_.empty() && looked_into_.empty() && complete_.empty() && lacking_.empty() &&
         !inbox_.is_expecting();
}

// A folder is read alone: whoever begins to take pictures in clears away what looks like half a picture.
void Intake::read_ahead(Instant now) {
  if (now < read_again_) return;
  for (std::size_t at = 0; at < std::min(claims_.size(), kReadAhead); ++at) {
    bool const alone = !is_small(settings_.spool.claims / claims_[at]);
    if (alone && at > 0) return;
    if (at == works_.size()) works_.emplace_back();
    if (!works_[at] || (at == 0 && works_[at]->is_long)) works_[at] = begin(claims_[at], at > 0, now);
    if (alone) return;
  }
}

// What comes of it is found in it at the next step, and again at later ones until it is put away.
std::shared_ptr<Intake::Work> Intake::begin(std::string const& claim, bool ahead, Instant now) {
  auto const source = source_of(claim);
  auto const taken = store_.taken(claim);
  auto work = std::make_shared<Work>();
  work->claim = claim;
  work->read = true;
  if (taken && taken->live) {
    work->taken = taken;
    work->settled = true;
  } else if (auto const words = refusal(settings_.spool.claims / claim, source); !words.empty()) {
    work->expansion.head.complaints.push_back({shown_name(source), 0, 0, words});
  } else {
    log::debug("reading {} at {}", source, rfc3339(now));
    read(work, ahead);
  }
  return work;
}

// A few lines may stand for a million jobs. Before its turn no more of them are written than do no harm.
void Intake::read(std::shared_ptr<Work> const& work, bool ahead) {
  work->read = false;
  work->stamp = stamp_of(settings_.spool.claims / work->claim);
  workers_.submit([this, work, ahead, models = models_] {
    auto const& spool = settings_.spool;
    auto const source = source_of(work->claim);
    try {
      work->expansion =
          expand(spool.claims / work->claim, source, spool.spill / work->claim, spool.files, *models,
                 settings_.region, ahead ? kRowsAhead : std::numeric_limits<std::uint64_t>::max());
    } catch (SpillTooLong const&) {
      work->is_long = true;
    } catch (std::system_error const&) {
      work->failure = std::current_exception();
    } catch (std::exception const& error) {  // whatever it is, it lies in this manifest
      work->expansion.head.complaints.push_back({shown_name(source), 0, 0, error.what()});
    }
    return [work] { work->read = true; };
  });
}

void Intake::forget_what_was_read() {
  std::replace(works_.begin(), works_.end(), work_, std::shared_ptr<Work>{});
}

Intake::Stamp Intake::stamp_of(fs::path const& claim) {
  struct stat info {};
  if (::lstat(claim.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return {static_cast<std::int64_t>(info.st_ino), info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

// What has changed although it lies in accepted/ was not whole: it goes back and settles like any other, but
// for where another one of its name has come meanwhile.
void Intake::look_once_more(Instant now) {
  auto const& spool = settings_.spool;
  while (!second_looks_.empty() && second_looks_.front().at <= now) {
    auto const look = std::move(second_looks_.front());
    second_looks_.pop_front();
    auto const last = last_looks_.find(look.source);
    if (last == last_looks_.end() || last->second != look.stamp) continue;  // another of its name has come
    last_looks_.erase(last);
    auto const stamp = stamp_of(spool.accepted / look.source);
    if (stamp[0] != look.stamp[0] || stamp == look.stamp) continue;
    if (std::any_of(claims_.begin(), claims_.end(),
                    [&](std::string const& claim) { return source_of(claim) == look.source; }))
      continue;
    try {
      disk::rename_new(spool.accepted / look.source, spool.inbox / look.source);
      log::warning("{} was written to after it had been taken; it is taken again", look.source);
    } catch (std::system_error const& error) {
      log::warning("{} was written to after it had been taken, and stays so: {}", look.source, error.what());
    }
  }
}

// Whoever had it open when it was claimed may write on, also where the kernel does not tell us of him.
bool Intake::is_being_written() const {
  auto const claim = settings_.spool.claims / work_->claim;
  if (work_->stamp == Stamp{}) return false;  // nothing of it was read
  return stamp_of(claim) != work_->stamp || somebody_writes(claim).value_or(false);
}

bool Intake::read_again(Instant now) {
  if (work_->manifest != 0) store_.drop_manifest(work_->manifest);
  work_->manifest = 0;
  rewrites_ = std::exchange(rewritten_, work_->claim) == work_->claim ? rewrites_ + 1 : 1;
  if (rewrites_ > kRewritesMost) {
    work_->expansion.head.complaints = {{shown_name(source_of(work_->claim)), 0, 0,
                                         "is still being written after it was dropped; write it elsewhere "
                                         "and move it here when it is whole"}};
    return settled();
  }
  log::info("{} is still being written; it is read again", source_of(work_->claim));
  disk::remove(settings_.spool.spill / work_->claim);
  forget_what_was_read();
  read_again_ = now + settings_.timing.settle;
  return false;
}

std::optional<Obeyed> Intake::outcome_of(Command const& command, Instant now) try {
  Authority const authority{[this](std::string const& manifest) { return store_.owner_of(manifest); },
                            settings_.is_admin};
  if (auto words = why_not_obeyed(command, owner(), authority); !words.empty())
    return Obeyed{{}, {std::move(words)}};
  return settings_.obey(command, now);
} catch (std::logic_error const& error) {
  // Nothing of it has happened, and to try it again at every start would help nobody.
  return Obeyed{{}, {fmt::format("cannot be done: {}", error.what())}};
}

// A command has its effect once, by its id; the file's own name is one where it gives none. What came before
// it is put away first, and the wheel knows of it.
bool Intake::obey(Instant now) {
  if (now < obey_again_ || work_ != works_.front()) return false;
  auto command = *work_->expansion.command;
  if (command.id.empty()) command.id = command_id(work_->claim);
  auto const obeyed = outcome_of(command, now);
  obey_again_ = obeyed ? Instant{} : now + kObeyAgain;
  if (!obeyed || obeyed->more) return false;
  for (auto const& each : obeyed->complaints)
    work_->expansion.head.complaints.push_back({shown_name(source_of(work_->claim)), 0, 0, each});
  if (!obeyed->complaints.empty()) return settled();
  work_->obeyed = obeyed;
  live_ = true;
  settled();
  return false;
}

// The user id of whoever dropped it; -1: nobody knows.
std::int64_t Intake::owner() const {
  if (auto const original = copied_from(work_->claim)) return original->owner;
  struct stat info {};
  auto const claim = settings_.spool.claims / work_->claim;
  return ::lstat(claim.c_str(), &info) == 0 ? static_cast<std::int64_t>(info.st_uid) : -1;
}

// Returns false if nothing of it is taken; its complaints say why.
bool Intake::begin_rows(Instant now) {
  auto& [head, file, sha256, partial, agreed, command] = work_->expansion;
  if (!head.ok()) return false;
  auto const ours = owner();
  auto const theirs = store_.owner_of(head.name);
  if (theirs && *theirs >= 0 && ours >= 0 && *theirs != ours) {
    head.complaints.push_back(
        {file, 0, 0,
         fmt::format(
             "the name '{}' belongs to the user with id {}, whose manifest had it first, and this one "
             "is of the user with id {}; give it another: 'name: …'",
             head.name, *theirs, ours)});
    return false;
  }
  NewManifest row{head.name, work_->claim, source_of(work_->claim), sha256, now, head.terms, ours, partial};
  if (head.deadline_after) row.terms.deadline = now + *head.deadline_after;
  log::debug("{}: into the queue: {}", source_of(work_->claim), count_of(head.jobs, "job"));
  work_->spill = std::make_unique<SpillReader>(settings_.spool.spill / work_->claim);
  work_->chains = std::make_unique<Chains>(
      head.sources, [this, manifest = head.name](std::string const& job, std::string const& asked) {
        return store_.bought_for(manifest, job, asked);
      });
  work_->manifest = store_.begin_manifest(row);
  return true;
}

// The next rows that are complete; false when there are no more.
bool Intake::read_slice() try {
  while (work_->rows.empty()) {
    auto raw = work_->spill->next(kRowsPerSlice);
    if (raw.empty() && !work_->chains->complete())
      work_->expansion.head.complaints.push_back(
          {work_->expansion.file, 0, 0, "some of its jobs are made from jobs that are not in it"});
    if (raw.empty()) return false;
    for (auto& row : raw)
      work_->chains->add(std::move(row), [&](NewJob&& each) { work_->rows.push_back(std::move(each)); });
  }
  return true;
} catch (Chains::Overfull const& overfull) {
  work_->expansion.head.complaints.push_back({work_->expansion.file, 0, 0, overfull.what()});
  return false;
}

bool Intake::slice(Instant now) {
  if (work_->rows.empty() && !read_slice()) {
    if (!store_.join_purchases(work_->manifest, kRowsPerSlice)) return finish(now);
    room_ = 0;
    return true;
  }
  auto const rows = work_->rows.size();
  for (auto& clash : store_.add_jobs(work_->manifest, work_->rows))
    work_->expansion.head.complaints.push_back({work_->expansion.file, clash.line, 1, std::move(clash.text)});
  work_->rows.clear();
  room_ -= std::min(room_, rows);
  return true;
}

Bill Intake::bill_of(Taken const& plan) const {
  auto const& expansion = work_->expansion;
  auto const spent = store_.spent_by(expansion.head.name);
  Bill bill;
  bill.price = plan.price;
  bill.pictures = plan.pictures;
  bill.before = spent.spent + spent.reserved + spent.uncertain + plan.waiting;
  bill.pictures_before = spent.pictures + plan.to_come;
  bill.budget = expansion.head.terms.budget;
  bill.agreed = expansion.agreed;
  bill.ask_above = settings_.ask_above;
  bill.currency = settings_.currency;
  return bill;
}

// What is refused by an estimate may yet be in order.
std::string Intake::why_not_taken() const {
  auto const drop = work_->manifest;
  if (wanspool::why_not_taken(bill_of(store_.estimate_manifest(drop))).empty()) return {};
  return wanspool::why_not_taken(bill_of(store_.preview_manifest(drop)));
}

bool Intake::finish(Instant now) {
  auto& complaints = work_->expansion.head.complaints;
  if (complaints.empty())
    if (auto words = why_not_taken(); !words.empty())
      complaints.push_back({work_->expansion.file, 0, 0, std::move(words)});
  if (complaints.empty()) {
    write_bad_rows();
    work_->taken = store_.publish_manifest(work_->manifest, now);
    live_ = true;
  } else {
    store_.drop_manifest(work_->manifest);
    work_->manifest = 0;
  }
  return settled();
}

}  // namespace wanspool
