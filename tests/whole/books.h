#pragma once

#include <filesystem>
#include <vector>

#include "whole/stage.h"

namespace wanspool::whole {

// Every picture of the output tree, whole or not; nothing else is named image-N.png.
std::vector<std::filesystem::path> pictures_in(std::filesystem::path const& out);

// libpng reads it to its end, and it has the size that the emulator of these tests draws.
bool is_whole_picture(std::filesystem::path const& file);

// When all is settled, whatever happened before: nothing was created twice, every task is known here, every
// picture that was charged is there, whole, nothing half-written lies about, and every sum of ours is the
// provider's.
void check_books(House const& house, Emulator const& emulator);

// Beside a daemon: the account's list and ours name the same tasks.
void check_account(House const& house);

// The tasks that the provider made for a prompt, oldest first.
std::vector<std::string> tasks_for(Emulator const& emulator, std::string const& prompt);

}  // namespace wanspool::whole
