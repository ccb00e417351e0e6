#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/inbox_names.h"
#include "engine/inbox_report.h"
#include "engine/intake.h"

// How what lies in the inbox becomes ours: by one rename, or by a copy where it cannot be moved.
namespace wanspool {

namespace fs = std::filesystem;

namespace {

// A bundle that is still being copied together has so long between two of its files.
constexpr milliseconds kMayLack{minutes{1}};
// A step is short, however much was dropped at once.
constexpr std::size_t kClaimsPerStep = 64;

// One that a person made: nothing tells that it is whole but its manifest.
bool may_be_unfinished(fs::path const& path) {
  std::error_code gone;
  return is_bundle(path) && !fs::exists(fs::symlink_status(path / "bundle.json", gone));
}

// "cats" for "../cats/" as well.
std::string name_of(fs::path const& path) {
  auto const whole = fs::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

// Folders that forbid to be emptied are ours all the same.
void permit(fs::path const& folder) {
  std::error_code ignored;
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
  for (auto const& entry : fs::directory_iterator{folder, ignored})
    if (is_folder(entry.path())) permit(entry.path());
}

}  // namespace

void clear(fs::path const& path) {
  if (!is_folder(path)) return disk::remove(path);
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return;
  permit(path);
  fs::remove_all(path);
}

// After a start: what was claimed and not yet put away. Their names sort by the time of their claim. What was
// read of them is read anew.
void Intake::find_claims() {
  for (auto const& entry : fs::directory_iterator{settings_.spool.spill}) disk::remove(entry.path());
  for (auto const& entry : fs::directory_iterator{settings_.spool.claims}) {
    auto const name = entry.path().filename().string();
    if (name.ends_with(".part")) {
      clear(entry.path());
      continue;
    }
    claims_.push_back(name);
    if (auto const original = copied_from(name)) copied_.insert(original->key);
    if (auto const at = claimed_at(name)) claim_time_ = std::max(claim_time_, *at + milliseconds{1});
  }
  std::sort(claims_.begin(), claims_.end());
  std::stable_partition(claims_.begin(), claims_.end(),
                        [](auto const& each) { return is_urgent(source_of(each)); });
  disk::remove(settings_.spool.report);  // of what lay there before
}

// Whatever the clock was set to between two starts, what is claimed later sorts behind what was before.
Instant Intake::claim_time(Instant now) {
  return claim_time_ = std::max(claim_time_, now);
}

std::string Intake::new_claim(std::string const& name, Instant now) {
  return claim_name(claim_time(now), claims_made_++, name_on_disk(name));
}

// Whoever pauses the spool does not wait for thousands of manifests. One of which rows are in the store stays
// what it is, a place further back. A folder of such a name is read alone, like all of them.
void Intake::line_up(std::string const& claim) {
  if (!is_urgent(source_of(claim)) || is_folder(settings_.spool.claims / claim))
    return claims_.push_back(claim);
  auto const behind = std::find_if(claims_.begin(), claims_.end(),
                                   [](auto const& each) { return !is_urgent(source_of(each)); });
  auto const at = static_cast<std::size_t>(behind - claims_.begin());
  claims_.insert(behind, claim);
  if (at < works_.size()) works_.insert(works_.begin() + static_cast<std::ptrdiff_t>(at), nullptr);
}

void Intake::look_at_inbox(Instant now) {
  for (auto const& name : inbox_.settled(now, kClaimsPerStep)) {
    lacking_.erase(name);
    auto const path = settings_.spool.inbox / name;
    if (auto const why = why_unreadable(path); !why.empty())
      wait_until_mended(name, "not readable: " + why);
    else if (is_linked(path))
      wait_until_mended(name, kLinked);
    else if (may_be_unfinished(path))
      look_into(name);
    else
      claim(name, now);
  }
  for (; !complete_.empty(); complete_.pop_front())
    if (inbox_.is_as_seen(complete_.front())) claim(complete_.front(), now);
  for (auto each = lacking_.begin(); each != lacking_.end();) {
    if (each->second > now) {
      ++each;
      continue;
    }
    // Its complaint will say what is not there.
    if (inbox_.is_as_seen(each->first)) claim(each->first, now);
    each = lacking_.erase(each);
  }
  sync_claims();
}

// Told to whoever asks why something lies there. That it cannot be told is no reason to stop.
void Intake::report() {
  if (reported_ == inbox_.changes()) return;
  auto text = text_of(InboxReport{inbox_.trouble(), inbox_.left()});
  if (text != report_) {
    try {
      write_report(settings_.spool.report, text);
    } catch (std::system_error const& error) {
      return log::debug("cannot tell of the inbox: {}", error.what());
    }
  }
  report_ = std::move(text);
  reported_ = inbox_.changes();
}

// Whoever copies may set the mode at the end, or give the file its name by link and unlink. What stays so is
// claimed, and rejected with the reason.
void Intake::wait_until_mended(std::string const& name, std::string const& why) {
  log::warning("{} in the inbox {}{}", name, why == kLinked ? "" : "is ", why);
  inbox_.leave(name, why);
  lacking_[name] = inbox_.changed_at(name) + kMayLack;
}

// Its manifest says what belongs to it. Until that is known it stays where somebody may be copying to.
void Intake::look_into(std::string const& name) {
  inbox_.leave(name);
  if (!looked_into_.insert(name).second) return;
  auto const until = inbox_.changed_at(name) + kMayLack;
  workers_.submit(
      [this, name, until, models = models_, path = settings_.spool.inbox / name]() -> Workers::After {
        bool lacks = false;
        try {
          lacks = lacks_a_file(path, name, *models);
        } catch (std::exception const&) {  // it is told when it is read in earnest
        }
        return [this, name, until, lacks] {
          looked_into_.erase(name);
          if (!lacks) return complete_.push_back(name);
          lacking_[name] = until;
          inbox_.explain(name, "names a file that is not in it yet");
        };
      });
}

bool Intake::take_copy(fs::path const& path, Handover const& handover, Instant now) {
  auto const name = new_claim(name_of(path), now);
  auto const refuse = [&](char const* words) {
    tell_({path.string(), {}, false, {}, {{path.string(), 0, 0, words}}});
    return false;
  };
  try {
    copy_to(name, path, handover);
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    return refuse(error.what());
  } catch (std::runtime_error const& error) {
    return refuse(error.what());
  }
  line_up(name);
  return true;
}

void Intake::copy_to(std::string const& claim, fs::path const& path, Handover handover) {
  bool const folder = fs::is_directory(path);
  auto const target = settings_.spool.claims / claim;
  if (!folder && handover.empty()) return write_file_safely(target, manifest_text(path));
  if (folder && !fs::exists(path / "manifest.yaml"))
    throw std::runtime_error{path.string() + " holds no manifest.yaml"};
  auto const part = fs::path{target.string() + ".part"};
  try {
    if (handover.empty()) {
      copy_folder(path, part);
    } else {
      if (handover.file.empty()) handover.file = name_of(path) + (folder ? "/manifest.yaml" : "");
      std::vector<std::string> files;
      for (auto const& [written, place] : handover.files) files.push_back(written);
      auto const manifest = folder ? path / "manifest.yaml" : path;
      write_bundle(part, manifest, handover, files, files_below(manifest.parent_path()));
    }
    move_file_safely(part, target);
  } catch (std::exception const&) {
    std::error_code ignored;
    fs::remove_all(part, ignored);  // on a full disk this is what makes room again
    throw;
  }
}

// What is moved is what was seen, or goes back: somebody has put another in its place, or writes it again.
void Intake::claim(std::string const& name, Instant now) {
  auto const from = settings_.spool.inbox / name;
  auto const claimed = new_claim(name, now);
  auto const to = settings_.spool.claims / claimed;
  try {
    disk::rename(from, to);
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    if (error.code() == std::errc::io_error) throw;
    // One that is gone was taken back by its owner.
    bool const gone = error.code() == std::errc::no_such_file_or_directory;
    return gone ? inbox_.take(name) : claim_copy(name, now);
  }
  unsynced_ = true;
  if (!inbox_.was_seen(name, to) && put_back(to, from)) return;
  line_up(claimed);
  inbox_.take(name);
}

// Where still another one has come meanwhile, this one was replaced for good and is taken as it is.
bool Intake::put_back(fs::path const& claim, fs::path const& to) try {
  disk::rename_new(claim, to);
  return true;
} catch (std::system_error const&) {
  return false;
}

// Before anything of them is read: a command without an id is known by its claim's name.
void Intake::sync_claims() {
  if (!unsynced_) return;
  disk::sync_folder(settings_.spool.claims);
  try {
    disk::sync_folder(settings_.spool.inbox);
  } catch (std::system_error const& error) {
    if (error.code() == std::errc::io_error) throw;  // it may be gone by now
  }
  unsynced_ = false;
}

}  // namespace wanspool
