#pragma once

#include <sys/types.h>

#include <vector>

#include "engine/spool.h"
#include "manifest/config.h"

// Whose is what the daemon writes for people: `files` of the configuration.
namespace wanspool::app {

// This process, as far as groups go.
struct Membership {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> others = {};
};
Membership own_membership();
bool is_member(Membership const& who, gid_t group);

// Sets the umask of this process, and keeps state/ as it would have been without, and for nobody else to
// write. Then makes what is missing of the spool, and lets its shared folders and all in them belong to the
// group and hand it on. Throws Quit 78 where that cannot be: the group is unknown, not this process's, or
// somebody else has to give a folder to it.
void make_shared(Spool const& spool, FilesConfig const& files);

}  // namespace wanspool::app
