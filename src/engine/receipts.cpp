#include <fmt/format.h>

#include <set>
#include <system_error>

#include "base/count.h"
#include "base/csv.h"
#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/inbox_names.h"
#include "engine/intake.h"

// What becomes of a manifest, told in accepted/ or rejected/.
namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds kSecondLook{minutes{1}};

std::string text_of(std::vector<Complaint> const& complaints) {
  std::string text;
  for (auto const& each : complaints) text += each.str() + "\n";
  return text;
}

// What a stranger has dropped may hold folders that only he can empty; then it is moved aside, for a later
// one of its name must not wait for him.
void make_way(fs::path const& path) try { clear(path); } catch (std::system_error const& error) {
  auto aside = path;
  std::error_code gone;
  for (int i = 1; fs::exists(fs::symlink_status(aside, gone)); ++i)
    aside = path.parent_path() / fmt::format(".{}.{}", path.filename().string(), i);
  disk::rename(path, aside);
  log::warning("{}; it is left as {}", error.what(), aside.string());
}

// A folder that somebody dropped under such a name was put away where the file belongs.
void make_way_for(fs::path const& path) {
  for (auto const& each : {path, fs::path{path.string() + ".part"}})
    if (is_folder(each)) make_way(each);
}

void write_in_place(fs::path const& path, std::string const& text) {
  make_way_for(path);
  write_file_safely(path, text);
}

// Its words, and below an empty line its rows.
std::string receipt_of(Obeyed const& obeyed) {
  return obeyed.text + "\n" + (obeyed.counts.empty() ? "" : "\n" + obeyed.counts);
}

std::string csv_of(std::vector<BadRow> const& rows) {
  std::string text = "file,line,key,why\n";
  for (auto const& row : rows)
    text += fmt::format("{},{},{},{}\n", csv_cell(row.file), row.line, csv_cell(row.key), csv_cell(row.text));
  return text;
}

}  // namespace

// Before the manifest becomes live, for after a crash nobody would read its rows again.
void Intake::write_bad_rows() {
  auto const beside = settings_.spool.accepted / (source_of(work_->claim) + ".bad.csv");
  auto const claim = settings_.spool.claims / work_->claim;
  auto const& rows = work_->expansion.head.bad_rows;
  if (rows.empty() || is_folder(claim)) clear(beside);
  if (!rows.empty()) write_in_place(is_folder(claim) ? claim / "bad.csv" : beside, csv_of(rows));
}

std::string Intake::receipt(Instant now) const {
  auto const& taken = *work_->taken;
  auto const& head = work_->expansion.head;
  auto text = fmt::format("manifest      {}\njobs          {}\nnew           {}\n", taken.manifest,
                          taken.jobs, taken.fresh);
  if (taken.changed > 0) text += fmt::format("changed       {}\n", taken.changed);
  if (auto const known = taken.jobs - taken.fresh - taken.changed - taken.again; known > 0)
    text += fmt::format("known         {}\n", known);
  text += fmt::format("queued again  {}\n", taken.again);
  if (taken.retired > 0) text += fmt::format("gone          {} no longer wanted\n", taken.retired);
  if (!head.bad_rows.empty()) text += fmt::format("skipped rows  {}, see bad.csv\n", head.bad_rows.size());
  if (taken.pictures > 0)
    text += fmt::format("pictures      {} at most\nprice         {} {} at most\n", taken.pictures,
                        decimal(taken.price), settings_.currency);
  auto const left = settings_.time_left();
  text += "expected end  " +
          (left.count() > 0 ? rfc3339(now + left) : "not known before the first pictures") + "\n";
  for (auto const& each : head.warnings) text += each.as_warning() + "\n";
  return text;
}

// Several at once, so that they share the syncs of the folders. Nothing is moved before its answer is safe;
// what a crash brings back into the claims is put away once more.
void Intake::put_away(Instant now) {
  std::set<fs::path> folders;
  auto const answered = write_answers(now, folders);
  if (answered == 0) return;
  for (auto const& each : folders) disk::sync_folder(each);
  std::vector<std::shared_ptr<Work>> moved;
  // What is told of must not come back.
  auto const tell = [&] {
    for (auto const& each : folders) disk::sync_folder(each);
    disk::sync_folder(settings_.spool.claims);
    for (auto const& each : moved) {
      work_ = each;
      is_accepted() ? accept(now) : reject();
    }
  };
  try {
    for (auto left = answered; left > 0; --left) moved.push_back(put_first_away());
  } catch (std::system_error const&) {
    tell();  // of those before it
    throw;
  }
  tell();
}

// Returns of how many, from the first one on. Of two that belong in one place the later one waits, and so
// does one whose answer cannot be written: it must not keep those before it.
std::size_t Intake::write_answers(Instant now, std::set<fs::path>& folders) {
  std::set<fs::path> places;
  std::size_t written = 0;
  for (auto const& each : works_) {
    if (!each || !each->settled) break;
    work_ = each;
    if (!places.insert(source_of(each->claim)).second) break;
    if (!places.insert(place()).second || !places.insert(answer_file()).second) break;
    try {
      write_answer(now);
    } catch (std::system_error const&) {
      if (written == 0) throw;
      break;
    }
    folders.insert(place().parent_path());
    ++written;
  }
  return written;
}

std::shared_ptr<Intake::Work> Intake::put_first_away() {
  work_ = works_.front();
  move_away();
  disk::remove(settings_.spool.spill / work_->claim);
  claims_.pop_front();
  works_.pop_front();
  return work_;
}

// Where it is put away.
fs::path Intake::place() const {
  auto const& spool = settings_.spool;
  return (is_accepted() ? spool.accepted : spool.rejected) / source_of(work_->claim);
}

fs::path Intake::answer_file() const {
  return place().string() + (is_accepted() ? ".receipt.txt" : ".error.txt");
}

void Intake::write_answer(Instant now) {
  auto const file = answer_file();
  make_way_for(file);
  write_contents_safely(file, work_->obeyed  ? receipt_of(*work_->obeyed)
                              : work_->taken ? receipt(now)
                                             : text_of(work_->expansion.head.complaints));
}

void Intake::move_away() {
  auto const source = source_of(work_->claim);
  auto const& spool = settings_.spool;
  auto const from = spool.claims / work_->claim;
  auto const to = place();
  if (is_accepted()) {  // a corrected manifest takes its old complaint away
    clear(spool.rejected / (source + ".error.txt"));
    make_way(spool.rejected / source);
  }
  // A folder may stand there: one that was dropped was put away under its name.
  if (is_folder(from) || is_folder(to)) make_way(to);
  disk::rename(from, to);
}

void Intake::accept(Instant now) {
  auto const source = source_of(work_->claim);
  if (work_->obeyed) {
    log::info({.event = "command"}, "{}: {}", source, work_->obeyed->text);
    return tell_({source, {}, true, {}, {}, work_->obeyed->text});
  }
  auto const& taken = *work_->taken;
  if (work_->stamp != Stamp{}) {
    second_looks_.push_back({source, work_->stamp, now + kSecondLook});
    last_looks_[source] = work_->stamp;
  }
  for (auto const& each : work_->expansion.head.warnings) log::warning("{}", each.as_warning());
  log::info({.event = "manifest-taken", .manifest = taken.manifest}, "accepted {}: {}, {} of them new",
            source, count_of(taken.jobs, "job"), taken.fresh + taken.again);
  tell_({source, taken.manifest, true, taken, {}});
}

void Intake::reject() {
  auto const source = source_of(work_->claim);
  auto const& complaints = work_->expansion.head.complaints;
  log::warning({.event = "manifest-rejected", .manifest = work_->expansion.head.name}, "rejected {}: {}",
               source, complaints.front().str());
  tell_({source, {}, false, {}, complaints});
}

// What can be neither moved nor copied.
void Intake::refuse_in_place(std::string const& name, std::string const& words) {
  auto const source = name_on_disk(name);
  Complaint const complaint{shown_name(source), 0, 0, words};
  write_in_place(settings_.spool.rejected / (source + ".error.txt"), text_of({complaint}));
  log::warning("rejected {}: {}; it is left in the inbox", source, complaint.str());
  tell_({source, {}, false, {}, {complaint}});
  inbox_.leave(name, words);
}

}  // namespace wanspool
