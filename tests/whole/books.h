#pragma once

#include <filesystem>
#include <vector>

#include "whole/stage.h"

namespace wanspool::whole {

// Every picture of the output tree, whole or not; nothing else is named image-N.png.
std::vector<std::filesystem::path> pictures_in(std::filesystem::path const& out);

// libpng reads it to its end, and it has the size that the emulator of these tests draws.
bool is_whole_picture(std::filesystem::path const& file);

// When all is settled, whatever happened before: nothing was created twice; what was charged is in the tree,
// whole, but for what the held jobs may have bought; nothing half-written lies about; and both sides name the
// same sum.
void check_books(House const& house, Emulator const& emulator);

}  // namespace wanspool::whole
