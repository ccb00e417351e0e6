#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/intake.h"

// How what lies in the inbox becomes ours: by one rename, or by a copy where it cannot be moved.
namespace wanspool {

namespace fs = std::filesystem;

namespace {

// A bundle that is still being copied together has so long between two of its files.
constexpr milliseconds kMayLack{minutes{1}};

// One that a person made: nothing tells that it is whole but its manifest.
bool may_be_unfinished(fs::path const& path) {
  std::error_code gone;
  return is_bundle(path) && !fs::exists(fs::symlink_status(path / "bundle.json", gone));
}

std::int64_t owner_of(fs::path const& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? static_cast<std::int64_t>(info.st_uid) : -1;
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
    if (name.ends_with(".part"))
      clear(entry.path());
    else
      claims_.push_back(name);
  }
  std::sort(claims_.begin(), claims_.end());
}

std::string Intake::new_claim(std::string const& name, Instant now) {
  return fmt::format("{:013}{:04}-{}", now.time_since_epoch().count(), claims_made_++ % 10000, name);
}

void Intake::look_at_inbox(Instant now) {
  for (auto const& name : inbox_.settled(now)) {
    lacking_.erase(name);
    if (may_be_unfinished(settings_.spool.inbox / name))
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
          if (lacks)
            lacking_[name] = until;
          else
            complete_.push_back(name);
        };
      });
}

bool Intake::take_copy(fs::path const& path, Handover const& handover, Instant now) {
  return !copy(path, handover, now).empty();
}

// The claim; "" where something cannot be read, and then it has been said.
std::string Intake::copy(fs::path const& path, Handover const& handover, Instant now) {
  auto const name = new_claim(name_of(path), now);
  auto const refuse = [&](char const* words) {
    tell_({path.string(), {}, false, {}, {{path.string(), 0, 0, words}}});
    return std::string{};
  };
  try {
    copy_to(name, path, handover);
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    return refuse(error.what());
  } catch (std::runtime_error const& error) {
    return refuse(error.what());
  }
  claims_.push_back(name);
  return name;
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

// Only what has become a claim, or cannot become one, is left alone from now on.
void Intake::claim(std::string const& name, Instant now) {
  auto const from = settings_.spool.inbox / name;
  auto const claimed = new_claim(name, now);
  auto const owner = owner_of(from);
  try {
    move_file_safely(from, settings_.spool.claims / claimed);
    claims_.push_back(claimed);
  } catch (std::system_error const& error) {
    if (disk_is_full(error.code())) throw StoreFull{error.what()};
    if (error.code() == std::errc::io_error) throw;
    // Another file system, or a folder we may not write: a copy, and the original stays where it cannot be
    // removed. One that is gone was taken back by its owner.
    bool const gone = error.code() == std::errc::no_such_file_or_directory;
    auto const copied = gone || fs::is_symlink(from) ? "" : copy(from, {}, now);
    if (!copied.empty()) {
      owners_[copied] = owner;
      std::error_code why;
      fs::remove_all(from, why);
      if (why)
        log::warning("{} is taken, and cannot be removed from the inbox: {}; it is left there", name,
                     why.message());
    }
  }
  inbox_.leave(name);
}

}  // namespace wanspool
