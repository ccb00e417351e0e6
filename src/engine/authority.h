#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "manifest/manifest.h"

// Who may command whose jobs. A manifest's name belongs to whoever used it first; whoever drops a command is
// its file's owner.
namespace wanspool {

// Whether this user is a member of the group wanspool-admin; false where there is no such group.
bool is_admin(std::int64_t user);

struct Authority {
  // The user id of a manifest's owner; none where the name is new, -1 where nobody knows.
  std::function<std::optional<std::int64_t>(std::string const& manifest)> owner_of;
  std::function<bool(std::int64_t user)> is_admin = wanspool::is_admin;
};

// Why this user may not command these jobs, for a person; "" if he may. Root, the daemon's own user and the
// admins may command all jobs, and they alone what concerns everybody's; whoever asks for the account's list
// changes nothing.
std::string why_not_obeyed(Command const& command, std::int64_t user, Authority const& authority);

}  // namespace wanspool
