#include "engine/authority.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <vector>

#include "engine/paths.h"

namespace wanspool {
namespace {

constexpr char const* kGroup = "wanspool-admin";
constexpr std::size_t kLineMost = 1u << 20;  // of the user and group databases

// `call` fills a buffer, which grows until it is large enough.
template <typename Entry, typename Call>
bool look_up(Entry& entry, std::vector<char>& buffer, Call const& call) {
  Entry* found = nullptr;
  for (buffer.resize(4096); buffer.size() <= kLineMost; buffer.resize(buffer.size() * 4))
    if (auto const error = call(&entry, buffer.data(), buffer.size(), &found); error != ERANGE)
      return error == 0 && found != nullptr;
  return false;
}

std::string name_of_user(std::int64_t user) {
  return user < 0 ? "a user whom nobody knows" : fmt::format("the user with id {}", user);
}

}  // namespace

bool is_admin(std::int64_t user) {
  passwd its{};
  group admins{};
  std::vector<char> user_text, group_text;
  bool const known =
      user >= 0 && look_up(admins, group_text, [](auto... to) { return ::getgrnam_r(kGroup, to...); }) &&
      look_up(its, user_text, [&](auto... to) { return ::getpwuid_r(static_cast<uid_t>(user), to...); });
  if (!known) return false;
  std::vector<gid_t> groups(64);
  auto count = static_cast<int>(groups.size());
  if (::getgrouplist(its.pw_name, its.pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(its.pw_name, its.pw_gid, groups.data(), &count) < 0) return false;
  }
  groups.resize(static_cast<std::size_t>(count));
  return std::find(groups.begin(), groups.end(), admins.gr_gid) != groups.end();
}

std::string why_not_obeyed(Command const& command, std::int64_t user, Authority const& authority) {
  if (command.verb == Command::Verb::List || user == 0 || user == static_cast<std::int64_t>(::geteuid()))
    return {};
  std::set<std::string> manifests;
  for (auto const& job : command.jobs) manifests.insert(manifest_of(job));
  std::string whose;
  for (auto const& manifest : manifests) {
    bool const is_pattern = manifest.empty() || manifest.find_first_of("*?[") != manifest.npos;
    auto const owner = is_pattern ? std::optional<std::int64_t>{-1} : authority.owner_of(manifest);
    // What nobody has dropped yet is nobody's; that it is not known is said elsewhere.
    if (!owner || (*owner >= 0 && *owner == user)) continue;
    whose = is_pattern ? fmt::format("'{}' may mean everybody's jobs", manifest)
                       : fmt::format("'{}' belongs to {}", manifest, name_of_user(*owner));
    break;
  }
  if (manifests.empty()) whose = "this command concerns everybody's jobs";
  if (whose.empty() || authority.is_admin(user)) return {};
  return fmt::format(
      "{}, and this file is of {}: only {}root, the daemon's user and the group {} may ask for it", whose,
      name_of_user(user), manifests.empty() ? "" : "its owner, ", kGroup);
}

}  // namespace wanspool
