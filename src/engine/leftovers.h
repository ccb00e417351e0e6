#pragma once

#include <filesystem>
#include <set>

namespace wanspool {

// Removes what a stopped program has left half written below `tree`: files named *.part that are older than
// `before`, but for those that `busy` names by their folder or as the picture that they begin
// (FOLDER/vase-1.png for vase-1.png.HASH.part), which are still gone on with. For a worker thread; what
// cannot be removed stays.
void remove_leftovers(std::filesystem::path const& tree, std::filesystem::file_time_type before,
                      std::set<std::filesystem::path> const& busy);

}  // namespace wanspool
