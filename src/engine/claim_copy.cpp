#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/disk.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/log.h"
#include "base/sha256.h"
#include "engine/beneath.h"
#include "engine/inbox_names.h"
#include "engine/intake.h"

// What cannot be moved out of the inbox (another file system, a folder that we may not write) is copied. It
// is opened once, no link followed, and read by that handle: what its owner puts in its place meanwhile is
// not read, and his is what was opened.
namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kKey = 12;

bool may_be_copied(struct stat const& info) {
  return S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
}

std::string key_of(struct stat const& info) {
  return sha256_hex(fmt::format("{} {} {} {}.{:09}", info.st_dev, info.st_ino, info.st_size,
                                info.st_mtim.tv_sec, info.st_mtim.tv_nsec))
      .substr(0, kKey);
}

bool is_still(fs::path const& path, struct stat const& info) {
  struct stat now {};
  return ::lstat(path.c_str(), &now) == 0 && now.st_dev == info.st_dev && key_of(now) == key_of(info);
}

}  // namespace

void Intake::claim_copy(std::string const& name, Instant now) {
  auto const from = settings_.spool.inbox / name;
  struct stat info {};
  if (::lstat(from.c_str(), &info) != 0) return inbox_.take(name);
  // A device is not even opened.
  if (!may_be_copied(info)) return refuse_in_place(name, "is not a plain file");
  Fd const original{::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)};
  if (!original && errno == ENOENT) return inbox_.take(name);
  if (!original && errno != ELOOP)
    return refuse_in_place(name, "cannot be read: " + std::generic_category().message(errno));
  if (!original || ::fstat(original.get(), &info) != 0 || !may_be_copied(info))
    return refuse_in_place(name, "is not a plain file");
  if (S_ISREG(info.st_mode) && info.st_nlink > 1) return refuse_in_place(name, kLinked);
  CopiedFrom const its{info.st_uid, key_of(info)};
  // A crash may have come between the copy and the removal of what it is of.
  if (!copied_.erase(its.key)) {
    auto const claim = claim_name(claim_time(now), claims_made_++, name_on_disk(name), its);
    try {
      if (!copy_open(original, S_ISDIR(info.st_mode), claim, name)) return;
    } catch (std::system_error const& error) {
      if (disk_is_full(error.code())) throw StoreFull{error.what()};
      throw;
    } catch (std::runtime_error const& error) {
      return refuse_in_place(name, error.what());
    }
    line_up(claim);
  }
  if (!is_still(from, info)) return;  // another one lies there by now
  std::error_code why;
  fs::remove_all(from, why);
  if (!why) return inbox_.take(name);
  log::warning("{} is taken, and cannot be removed from the inbox: {}; it is left there", name,
               why.message());
  inbox_.leave_rest(name, "taken, and cannot be removed from here: " + why.message());
}

// false: it has changed meanwhile, and has to settle anew.
bool Intake::copy_open(Fd const& original, bool folder, std::string const& claim, std::string const& name) {
  auto const target = settings_.spool.claims / claim;
  auto const part = fs::path{target.string() + ".part"};
  auto const called = shown_name(name);
  if (!folder) {
    auto const text = manifest_text(path_of(original), called);
    if (!inbox_.is_as_seen(name)) return false;
    write_file_safely(target, text);
    return true;
  }
  try {
    copy_folder(path_of(original), part, called);
    bool const same = inbox_.is_as_seen(name);
    if (same) move_file_safely(part, target);
    if (!same) clear(part);
    return same;
  } catch (std::exception const&) {
    std::error_code ignored;
    fs::remove_all(part, ignored);  // on a full disk this is what makes room again
    throw;
  }
}

}  // namespace wanspool
