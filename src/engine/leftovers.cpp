#include "engine/leftovers.h"

#include <system_error>

#include "base/disk.h"
#include "base/log.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

bool is_leftover(fs::directory_entry const& entry, fs::file_time_type before) {
  std::error_code gone;
  if (entry.path().extension() != ".part" || !entry.is_regular_file(gone)) return false;
  auto const written = entry.last_write_time(gone);
  return !gone && written < before;
}

bool is_busy(fs::path const& part, std::set<fs::path> const& busy) {
  return busy.contains(part.parent_path()) || busy.contains(part.parent_path() / part.stem().stem());
}

}  // namespace

void remove_leftovers(fs::path const& tree, fs::file_time_type before, std::set<fs::path> const& busy) try {
  auto const options = fs::directory_options::skip_permission_denied;
  for (auto const& entry : fs::recursive_directory_iterator{tree, options})
    if (is_leftover(entry, before) && !is_busy(entry.path(), busy)) disk::remove(entry.path());
} catch (std::system_error const& error) {
  log::debug("leftovers stay: {}", error.what());
}

}  // namespace wanspool
