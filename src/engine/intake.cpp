#include "engine/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRowsPerStep = 200;
constexpr int kStepsPerSlice = 4;
constexpr milliseconds kObeyAgain{100};
constexpr std::size_t kPrefix = 18;  // 13 digits of milliseconds, 4 of a counter, a dash

bool is_manifest_name(std::string const& name) {
  auto const ending = fs::path{name}.extension();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

std::string text_of(std::vector<Complaint> const& complaints) {
  std::string text;
  for (auto const& each : complaints) text += each.str() + "\n";
  return text;
}

// Why a claim is not even read; "" if it is.
std::string refusal(fs::path const& claim, std::string const& source) {
  auto const status = fs::symlink_status(claim);
  if (fs::is_directory(status))
    return "is a folder, and bundles are not understood by this version yet; drop the manifest file itself";
  if (!fs::is_regular_file(status)) return "is not a plain file";
  if (!is_manifest_name(source))
    return "is not a manifest by its name; manifests end in .yaml, .yml or .json";
  return {};
}

// A folder may stand there: one that was dropped was rejected under its name.
void clear(fs::path const& path) {
  if (fs::is_directory(fs::symlink_status(path)))
    fs::remove_all(path);
  else
    disk::remove(path);
}

void put_away(fs::path const& from, fs::path const& to) {
  if (fs::is_directory(fs::symlink_status(from)) || fs::is_directory(fs::symlink_status(to))) clear(to);
  move_file_safely(from, to);
}

}  // namespace

std::string source_of(std::string const& claim) {
  return claim.size() > kPrefix ? claim.substr(kPrefix) : claim;
}

Intake::Intake(Settings settings, Store& store, Workers& workers, std::function<void(Receipt const&)> tell)
    : settings_{std::move(settings)},
      store_{store},
      workers_{workers},
      tell_{std::move(tell)},
      inbox_{settings_.spool.inbox, settings_.timing} {
  store_.drop_arriving();
  find_claims();
}

// After a start: what was claimed and not yet put away. Their names sort by the time of their claim. What was
// read of them is read anew.
void Intake::find_claims() {
  for (auto const& entry : fs::directory_iterator{settings_.spool.spill}) disk::remove(entry.path());
  for (auto const& entry : fs::directory_iterator{settings_.spool.claims}) {
    auto const name = entry.path().filename().string();
    if (name.ends_with(".part"))
      disk::remove(entry.path());
    else
      claims_.push_back(name);
  }
  std::sort(claims_.begin(), claims_.end());
}

std::string Intake::new_claim(std::string const& name, Instant now) {
  return fmt::format("{:013}{:04}-{}", now.time_since_epoch().count(), claims_made_++ % 10000, name);
}

bool Intake::take_copy(fs::path const& file, Instant now) {
  auto const name = new_claim(file.filename().string(), now);
  auto const refuse = [&](char const* words) {
    tell_({file.string(), {}, false, {}, {{file.string(), 0, 0, words}}});
    return false;
  };
  std::string text;
  try {
    text = manifest_text(file);
  } catch (std::runtime_error const& error) {
    return refuse(error.what());
  }
  try {
    write_file_safely(settings_.spool.claims / name, text);
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    return refuse(error.what());
  }
  claims_.push_back(name);
  return true;
}

// Only what has become a claim, or cannot become one, is left alone from now on.
void Intake::claim(std::string const& name, Instant now) {
  auto const from = settings_.spool.inbox / name;
  auto const claimed = new_claim(name, now);
  try {
    move_file_safely(from, settings_.spool.claims / claimed);
    claims_.push_back(claimed);
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    if (error.code() == std::errc::io_error) throw;
    // Another file system, or a folder we may not write: a copy, and the original stays where it cannot be
    // removed. One that is gone was taken back by its owner.
    bool const gone = error.code() == std::errc::no_such_file_or_directory;
    std::error_code ignored;
    if (!gone && take_copy(from, now)) fs::remove(from, ignored);
  }
  inbox_.leave(name);
}

bool Intake::step(Instant now) {
  for (auto const& name : inbox_.settled(now)) claim(name, now);
  if (!work_ && !claims_.empty()) begin(now);
  if (!work_ || !work_->read) return false;
  if (work_->failure) {  // it is read once more
    auto const failure = work_->failure;
    work_.reset();
    std::rethrow_exception(failure);
  }
  if (work_->taken) return accept(now), false;
  if (work_->expansion.command && work_->expansion.head.complaints.empty()) return obey(now);
  if (work_->manifest == 0 && !work_->expansion.head.complaints.empty()) return reject(), false;
  return slice(now);
}

Instant Intake::next_look(Instant now) const {
  bool const ready = work_ ? work_->read : !claims_.empty();
  return ready ? std::max(now, obey_again_) : inbox_.next_look();
}

bool Intake::idle() const {
  return claims_.empty() && !work_ && !inbox_.is_expecting();
}

// What comes of it is found in `work_` at the next step, and again at later ones until it is put away.
void Intake::begin(Instant now) {
  auto const claim = claims_.front();
  auto const source = source_of(claim);
  auto const taken = store_.taken(claim);
  work_ = std::make_shared<Work>();
  work_->claim = claim;
  work_->read = true;
  if (taken && taken->live) {
    work_->taken = taken;
  } else if (auto const words = refusal(settings_.spool.claims / claim, source); !words.empty()) {
    work_->expansion.head.complaints.push_back({source, 0, 0, words});
  } else {
    log::debug("reading {} at {}", source, rfc3339(now));
    read();
  }
}

void Intake::read() {
  work_->read = false;
  workers_.submit([this, work = work_] {
    auto const& spool = settings_.spool;
    auto const source = source_of(work->claim);
    try {
      work->expansion = expand(spool.claims / work->claim, source, spool.spill / work->claim,
                               settings_.models, settings_.region);
    } catch (std::system_error const&) {
      work->failure = std::current_exception();
    } catch (std::exception const& error) {  // whatever it is, it lies in this manifest
      work->expansion.head.complaints.push_back({source, 0, 0, error.what()});
    }
    return [work] { work->read = true; };
  });
}

std::optional<Obeyed> Intake::outcome_of(Command const& command, Instant now) try {
  return settings_.obey(command, now);
} catch (std::logic_error const& error) {
  // Nothing of it has happened, and to try it again at every start would help nobody.
  return Obeyed{{}, {fmt::format("cannot be done: {}", error.what())}};
}

// A command has its effect once, by its id; the file's own name is one where it gives none.
bool Intake::obey(Instant now) {
  if (now < obey_again_) return false;
  auto command = *work_->expansion.command;
  if (command.id.empty()) command.id = work_->claim;
  auto const obeyed = outcome_of(command, now);
  obey_again_ = obeyed ? Instant{} : now + kObeyAgain;
  if (!obeyed) return false;
  auto const source = source_of(work_->claim);
  for (auto const& each : obeyed->complaints)
    work_->expansion.head.complaints.push_back({source, 0, 0, each});
  if (!work_->expansion.head.complaints.empty()) return reject(), false;
  put_in_accepted(obeyed->text + "\n");
  log::info("{}: {}", source, obeyed->text);
  tell_({source, {}, true, {}, {}, obeyed->text});
  end();
  return true;
}

bool Intake::slice(Instant now) {
  if (work_->manifest == 0) {
    auto const& expansion = work_->expansion;
    NewManifest const row{expansion.head.name, work_->claim, source_of(work_->claim),
                          expansion.sha256,    now,          expansion.head.terms};
    work_->manifest = store_.begin_manifest(row);
    work_->spill = std::make_unique<SpillReader>(settings_.spool.spill / work_->claim);
  }
  for (int i = 0; i < kStepsPerSlice; ++i) {
    if (work_->rows.empty()) work_->rows = work_->spill->next(kRowsPerStep);
    if (work_->rows.empty()) return finish(now);
    for (auto& clash : store_.add_jobs(work_->manifest, work_->rows))
      work_->expansion.head.complaints.push_back(
          {source_of(work_->claim), clash.line, 1, std::move(clash.text)});
    for (auto const& row : work_->rows) {
      work_->pictures += row.wanted;
      work_->price += row.price * row.wanted;
    }
    work_->rows.clear();
  }
  return false;
}

bool Intake::finish(Instant now) {
  if (work_->expansion.head.complaints.empty()) {
    work_->taken = store_.publish_manifest(work_->manifest, now);
    return true;
  }
  store_.drop_manifest(work_->manifest);
  work_->manifest = 0;
  return false;
}

std::string Intake::receipt(Instant now) const {
  auto const& taken = *work_->taken;
  auto text = fmt::format("manifest      {}\njobs          {}\nnew           {}\nqueued again  {}\n",
                          taken.manifest, taken.jobs, taken.fresh, taken.again);
  if (work_->pictures > 0)
    text += fmt::format("pictures      {} at most\nprice         {} {} at most\n", work_->pictures,
                        decimal(work_->price), settings_.currency);
  auto const left = settings_.time_left();
  text += "expected end  " +
          (left.count() > 0 ? rfc3339(now + left) : "not known before the first pictures") + "\n";
  return text;
}

void Intake::put_in_accepted(std::string const& receipt) {
  auto const source = source_of(work_->claim);
  auto const& spool = settings_.spool;
  // A corrected manifest takes its old complaint away.
  clear(spool.rejected / (source + ".error.txt"));
  clear(spool.rejected / source);
  write_file_safely(spool.accepted / (source + ".receipt.txt"), receipt);
  put_away(spool.claims / work_->claim, spool.accepted / source);
}

void Intake::accept(Instant now) {
  auto const source = source_of(work_->claim);
  auto const& taken = *work_->taken;
  put_in_accepted(receipt(now));
  log::info("accepted {}: {} jobs, {} of them new", source, taken.jobs, taken.fresh + taken.again);
  tell_({source, taken.manifest, true, taken, {}});
  end();
}

void Intake::reject() {
  auto const source = source_of(work_->claim);
  auto const& complaints = work_->expansion.head.complaints;
  auto const& spool = settings_.spool;
  write_file_safely(spool.rejected / (source + ".error.txt"), text_of(complaints));
  put_away(spool.claims / work_->claim, spool.rejected / source);
  log::warning("rejected {}: {}", source, complaints.front().str());
  tell_({source, {}, false, {}, complaints});
  end();
}

void Intake::end() {
  disk::remove(settings_.spool.spill / work_->claim);
  claims_.pop_front();
  work_.reset();
}

}  // namespace wanspool
