#include "engine/spool.h"

#include <algorithm>
#include <system_error>

#include "base/files.h"

namespace wanspool {

namespace fs = std::filesystem;

Spool Spool::at(fs::path const& root, fs::path const& inbox, fs::path const& out) {
  Spool spool;
  spool.root = fs::absolute(root).lexically_normal();
  spool.inbox = spool.root / inbox;
  spool.out = spool.root / out;
  spool.accepted = spool.root / "accepted";
  spool.rejected = spool.root / "rejected";
  spool.state = spool.root / "state";
  spool.claims = spool.state / "claims";
  spool.spill = spool.state / "spill";
  spool.database = spool.state / "wanspool.db";
  return spool;
}

bool Spool::is_one(fs::path const& root) {
  std::error_code ignored;
  return fs::is_directory(root / "inbox", ignored);
}

void Spool::make() const {
  for (auto const& folder : {inbox, accepted, rejected, out, claims, spill}) make_folders(folder);
}

fs::path Spool::job_folder(std::string const& name) const {
  auto const folder = out / name;
  auto const real_out = fs::weakly_canonical(out), real = fs::weakly_canonical(folder);
  if (std::mismatch(real_out.begin(), real_out.end(), real.begin(), real.end()).first != real_out.end())
    throw std::system_error{std::make_error_code(std::errc::too_many_symbolic_link_levels),
                            "a link leads " + folder.string() + " out of " + out.string() + "; remove it"};
  return folder;
}

}  // namespace wanspool
