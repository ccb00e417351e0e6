#pragma once

#include "manifest/complaints.h"
#include "manifest/config.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// { umask: 027, group: studio }. A umask is octal as it is written, with quotes or without.
void read_files(View map, FilesConfig& files, Complaints& complaints);

}  // namespace wanspool::yaml
