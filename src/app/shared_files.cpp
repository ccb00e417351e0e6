#include "app/shared_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "app/exit.h"
#include "base/privacy.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLineMost = 1u << 20;  // of the group database

gid_t need_group(std::string const& named) {
  gid_t id = 0;
  auto const* const end = named.data() + named.size();
  if (std::from_chars(named.data(), end, id).ptr == end) return id;
  group entry{};
  group* found = nullptr;
  std::vector<char> text(4096);
  while (::getgrnam_r(named.c_str(), &entry, text.data(), text.size(), &found) == ERANGE &&
         text.size() < kLineMost)
    text.resize(text.size() * 4);
  if (found != nullptr) return entry.gr_gid;
  throw Quit{kMisconfigured,
             fmt::format("files: group '{}' is not known to this system; groupadd {}", named, named)};
}

// What is made in a folder with this bit belongs to its group, and folders have the bit, too.
bool hands_on(struct stat const& info, gid_t group) {
  return info.st_gid == group && (info.st_mode & S_ISGID) != 0;
}

// A folder after all that is in it, so that what was interrupted begins anew. Links are not followed.
bool give(fs::path const& path, gid_t group) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT;
  bool good = true;
  if (S_ISDIR(info.st_mode)) {
    std::error_code error;
    for (auto const& entry : fs::directory_iterator{path, error}) good = give(entry.path(), group) && good;
    good = good && !error;
  }
  if (info.st_gid != group) good = ::lchown(path.c_str(), static_cast<uid_t>(-1), group) == 0 && good;
  if (S_ISDIR(info.st_mode) && !hands_on(info, group))
    good = good && ::chmod(path.c_str(), (info.st_mode & 07777) | S_ISGID) == 0;
  return good;
}

// What people have dropped is moved to accepted/ and rejected/ as it is, and may be somebody else's: there
// it is the folder alone that has to hand its group on.
bool give_folder(fs::path const& folder, gid_t group) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return false;
  if (info.st_gid != group && ::chown(folder.c_str(), static_cast<uid_t>(-1), group) != 0) return false;
  return ::chmod(folder.c_str(), (info.st_mode & 07777) | S_ISGID) == 0;
}

bool hands_on(fs::path const& folder, gid_t group) {
  struct stat info {};
  return ::stat(folder.c_str(), &info) == 0 && hands_on(info, group);
}

void give_all(Spool const& spool, gid_t group, std::string const& named) {
  std::vector<std::string> kept;
  for (auto const& [folder, is_ours] : {std::pair{spool.out, true},
                                        {spool.old, true},
                                        {spool.orphans, true},
                                        {spool.accepted, false},
                                        {spool.rejected, false}}) {
    if (hands_on(folder, group)) continue;
    if (!(is_ours ? give(folder / "", group) : give_folder(folder, group))) kept.push_back(folder.string());
  }
  if (kept.empty()) return;
  auto const folders = fmt::format("{}", fmt::join(kept, " "));
  throw Quit{kMisconfigured, fmt::format("files: cannot give these folders to the group {0}; as root:\n"
                                         "chgrp -R {0} {1}\nfind {1} -type d -exec chmod g+s {{}} +",
                                         named, folders)};
}

}  // namespace

Membership own_membership() {
  Membership who{::geteuid(), ::getegid()};
  auto const count = ::getgroups(0, nullptr);
  who.others.resize(static_cast<std::size_t>(std::max(count, 0)));
  if (::getgroups(count, who.others.data()) < 0) who.others.clear();
  return who;
}

bool is_member(Membership const& who, gid_t group) {
  return who.user == 0 || who.group == group ||
         std::find(who.others.begin(), who.others.end(), group) != who.others.end();
}

void make_shared(Spool const& spool, FilesConfig const& files) {
  std::optional<gid_t> group;
  if (!files.group.empty()) group = need_group(files.group);
  if (group && !is_member(own_membership(), *group))
    throw Quit{kMisconfigured, fmt::format("files: group {}: the daemon's user is no member of it; "
                                           "usermod -a -G {} USER, and start again",
                                           files.group, files.group)};
  if (files.umask) {
    auto const before = ::umask(static_cast<mode_t>(*files.umask));
    keep_private(spool.state, static_cast<int>(before) | 022);
  }
  spool.make();
  if (group) give_all(spool, *group, files.group);
}

}  // namespace wanspool::app
