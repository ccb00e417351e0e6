#include "app/inspection.h"

#include "app/keeper.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr int kLooksMost = 5;
constexpr int kSumsMost = 20;

Sum sum_of(Tally const& tally) {
  return {"", tally.reserved, tally.spent, tally.uncertain};
}

Sum sum_of(std::string of, std::vector<LedgerRow> const& rows) {
  Sum sum{std::move(of), {}, {}, {}};
  for (auto const& each : rows) {
    sum.reserved += each.reserved;
    sum.spent += each.spent;
    sum.uncertain += each.uncertain;
  }
  return sum;
}

}  // namespace

void Inspection::inspect() {
  look_.findings = reader_.audit();
  sums();
  std::error_code ignored;
  if (!fs::is_directory(spool_.out, ignored)) {
    look_.findings.push_back(
        {spool_.out.string() + " is not there", "mount it, or correct paths: out in config.yaml"});
    return;
  }
  each_job();
  each_index();
  each_orphan();
  what_is_nobodys();
}

void Inspection::add(Look look) {
  look_.pictures += look.pictures;
  look_.bytes += look.bytes;
  for (auto& each : look.findings) look_.findings.push_back(std::move(each));
}

bool Inspection::somebody_works() const {
  return keeper_of(spool_).is_there;
}

Holding Inspection::holding_of(JobRow row) {
  auto purchases = purchases_of(reader_, row);
  return {std::move(row), std::move(purchases)};
}

// What was adopted may have left its files among the orphans.
void Inspection::meet(Task const& task) {
  tasks_.add(task);
  if (task.adopted) adopted_.insert(spool_.orphan_folder(task.task_id).filename());
}

void Inspection::each_job() {
  reader_.jobs({}, [&](JobRow const& row) {
    ++jobs_;
    manifests_.insert(row.manifest);
    auto holding = holding_of(row);
    meet(row.task);
    for (auto const* const each : {&holding.purchases.refills, &holding.purchases.replaced})
      for (auto const& task : *each) meet(task);
    if (row.task.state == State::Queued && (row.task.inputs & kLocalInput) != 0)
      add(look_at_inputs(name_of(row), reader_.body(row.task.id), spool_));
    add(settled_look(std::move(holding)));
    return true;
  });
}

Look Inspection::settled_look(Holding holding) {
  auto look = look_at_job(holding, spool_, &removed_);
  for (int looks = 1; looks < kLooksMost && !look.findings.empty() && somebody_works(); ++looks) {
    auto row = reader_.job(holding.row.manifest, holding.row.job);
    if (!row) return {};
    auto fresh = holding_of(std::move(*row));
    bool const same = is_same(holding, fresh);
    holding = std::move(fresh);
    look = look_at_job(holding, spool_, &removed_);
    if (same) break;
  }
  return look;
}

// Whoever works on the spool adds lines after the pictures, and mends the file when nothing else is to be
// done.
void Inspection::each_index() {
  for (auto const& manifest : manifests_) {
    auto const found = look_at_index(reader_, spool_, manifest);
    if (found && !somebody_works()) look_.findings.push_back(*found);
  }
}

void Inspection::each_orphan() {
  reader_.orphans([&](Task const& task) {
    ++orphans_;
    tasks_.add(task);
    auto look = look_at_orphan(task, spool_, &removed_);
    if (!look.findings.empty() && somebody_works()) {
      // It may have been adopted or fetched meanwhile.
      look = {};
      reader_.orphans([&](Task const& fresh) {
        if (fresh.id == task.id) look = look_at_orphan(fresh, spool_, &removed_);
        return fresh.id != task.id;
      });
    }
    add(std::move(look));
    return true;
  });
}

bool Inspection::has_owner(fs::path const& folder) {
  auto const name = folder.generic_string();
  auto const slash = name.find('/');
  return slash != name.npos && reader_.job(name.substr(0, slash), name.substr(slash + 1));
}

std::set<std::string> Inspection::orphan_folders() {
  auto folders = adopted_;
  reader_.orphans([&](Task const& task) {
    folders.insert(spool_.orphan_folder(task.task_id).filename());
    return true;
  });
  return folders;
}

// The disk is read first: what is on it by then has its row.
void Inspection::what_is_nobodys() {
  for (auto const& found : found_below(spool_.out)) {
    if (has_owner(found.folder)) continue;
    for (auto const& file : found.files) look_.findings.push_back(nobodys(spool_.out / found.folder / file));
  }
  auto const in_orphans = found_below(spool_.orphans);
  auto const owned = orphan_folders();
  for (auto const& found : in_orphans) {
    if (owned.contains(found.folder.string())) continue;
    for (auto const& file : found.files)
      look_.findings.push_back(nobodys(spool_.orphans / found.folder / file));
  }
}

// The sums are several readings: they count where nothing has moved between them.
void Inspection::sums() {
  for (int reading = 0; reading < kSumsMost; ++reading) {
    tally_ = reader_.tally();
    std::vector<Sum> const ledgers{sum_of("by day", reader_.ledger(LedgerBy::Day)),
                                   sum_of("by model", reader_.ledger(LedgerBy::Model)),
                                   sum_of("by manifest", reader_.ledger(LedgerBy::Manifest)),
                                   sum_of("by job", reader_.ledger(LedgerBy::Job))};
    if (!sum_of(tally_).agrees_with(sum_of(reader_.tally()))) continue;
    for (auto& each : look_at_sums(sum_of(tally_), ledgers)) look_.findings.push_back(std::move(each));
    return;
  }
}

}  // namespace wanspool::app
