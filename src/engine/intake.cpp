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

// After a start: what was claimed and not yet put away. Their names sort by the time of their claim.
void Intake::find_claims() {
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
  try {
    write_file_safely(settings_.spool.claims / name, read_file(file, 512u << 20));
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    tell_({file.string(), {}, false, {}, {{file.string(), 0, 0, error.what()}}});
    return false;
  }
  claims_.push_back(name);
  return true;
}

void Intake::claim(std::string const& name, Instant now) {
  auto const from = settings_.spool.inbox / name;
  inbox_.leave(name);
  auto const claimed = new_claim(name, now);
  auto const to = settings_.spool.claims / claimed;
  try {
    move_file_safely(from, to);
  } catch (std::system_error const& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return;  // its owner took it back
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    // Another file system, or a folder we may not write: a copy, and the original stays where it cannot be
    // removed.
    if (!take_copy(from, now)) return;
    std::error_code ignored;
    fs::remove(from, ignored);
    return;
  }
  claims_.push_back(claimed);
}

bool Intake::step(Instant now) {
  for (auto const& name : inbox_.settled(now)) claim(name, now);
  if (!work_ && !claims_.empty()) begin(now);
  return work_ && work_->read && slice(now);
}

Instant Intake::next_look(Instant now) const {
  bool const ready = work_ ? work_->read : !claims_.empty();
  return ready ? now : inbox_.next_look();
}

bool Intake::idle() const {
  return claims_.empty() && !work_ && !inbox_.is_expecting();
}

void Intake::begin(Instant now) {
  auto const claim = claims_.front();
  auto const path = settings_.spool.claims / claim;
  work_ = std::make_shared<Work>();
  work_->claim = claim;
  auto const source = source_of(claim);
  if (auto const taken = store_.taken(claim); taken && taken->live) return accept(*taken, now);
  if (fs::is_directory(fs::symlink_status(path)))
    return reject(claim, {{source, 0, 0,
                           "is a folder, and bundles are not understood by this version yet; drop the "
                           "manifest file itself"}});
  if (!fs::is_regular_file(fs::symlink_status(path)))
    return reject(claim, {{source, 0, 0, "is not a plain file"}});
  if (!is_manifest_name(source))
    return reject(claim,
                  {{source, 0, 0, "is not a manifest by its name; manifests end in .yaml, .yml or .json"}});
  log::debug("reading {} at {}", source, rfc3339(now));
  workers_.submit([this, work = work_, path, source, spill = settings_.spool.spill / claim] {
    try {
      work->expansion = expand(path, source, spill, settings_.models, settings_.region);
    } catch (std::system_error const& error) {
      if (disk_is_full(error.code())) work->failed = true;
      work->expansion.complaints.push_back({source, 0, 0, error.what()});
    }
    return [work] { work->read = true; };
  });
}

bool Intake::slice(Instant now) {
  if (work_->failed) {  // the disk was full while it was read: once more
    work_.reset();
    throw StoreFull{"no room to take in a manifest"};
  }
  if (!work_->expansion.complaints.empty() && work_->manifest == 0) return reject(), false;
  if (work_->manifest == 0) {
    NewManifest const row{work_->expansion.name, work_->claim, source_of(work_->claim),
                          work_->expansion.sha256, now};
    work_->manifest = store_.begin_manifest(row);
    work_->spill = std::make_unique<SpillReader>(settings_.spool.spill / work_->claim);
  }
  for (int i = 0; i < kStepsPerSlice; ++i) {
    if (work_->rows.empty()) work_->rows = work_->spill->next(kRowsPerStep);
    if (work_->rows.empty()) return finish(now);
    for (auto const& row : work_->rows) {
      work_->pictures += row.wanted;
      work_->price += row.price * row.wanted;
    }
    for (auto& clash : store_.add_jobs(work_->manifest, work_->rows))
      work_->expansion.complaints.push_back({source_of(work_->claim), clash.line, 1, std::move(clash.text)});
    work_->rows.clear();
  }
  return false;
}

bool Intake::finish(Instant now) {
  if (!work_->expansion.complaints.empty()) {
    store_.drop_manifest(work_->manifest);
    reject();
    return false;
  }
  auto const taken = store_.publish_manifest(work_->manifest, now);
  try {
    accept(taken, now);
  } catch (std::system_error const&) {
    work_.reset();  // it is live: what is left to do is found by its claim
    throw;
  }
  return true;
}

std::string Intake::receipt(Taken const& taken, Instant now) const {
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

void Intake::accept(Taken const& taken, Instant now) {
  auto const source = source_of(work_->claim);
  auto const& spool = settings_.spool;
  // A corrected manifest takes its old complaint away.
  disk::remove(spool.rejected / (source + ".error.txt"));
  disk::remove(spool.rejected / source);
  tell_({source, taken.manifest, true, taken, {}});
  write_file_safely(spool.accepted / (source + ".receipt.txt"), receipt(taken, now));
  move_file_safely(spool.claims / work_->claim, spool.accepted / source);
  log::info("accepted {}: {} jobs, {} of them new", source, taken.jobs, taken.fresh + taken.again);
  end();
}

void Intake::reject() {
  reject(work_->claim, std::move(work_->expansion.complaints));
}

void Intake::reject(std::string const& claim, std::vector<Complaint> complaints) {
  auto const source = source_of(claim);
  auto const& spool = settings_.spool;
  auto const to = spool.rejected / source;
  write_file_safely(spool.rejected / (source + ".error.txt"), text_of(complaints));
  std::error_code ignored;
  if (fs::is_directory(spool.claims / claim)) fs::remove_all(to, ignored);
  move_file_safely(spool.claims / claim, to);
  log::warning("rejected {}: {}", source, complaints.front().str());
  tell_({source, {}, false, {}, std::move(complaints)});
  end();
}

void Intake::end() {
  disk::remove(settings_.spool.spill / work_->claim);
  claims_.pop_front();
  work_.reset();
}

}  // namespace wanspool
