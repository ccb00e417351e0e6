#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace wanspool {

// The whole file. Throws std::system_error that names it, also when it is larger than `limit` bytes (EFBIG).
std::string read_file(std::filesystem::path const& path, std::size_t limit = 64u << 20);

// Gives the file to `take` piece by piece, until it says no. false if the file cannot be read to its
// end; errno says why.
bool pass_file(std::filesystem::path const& path, std::function<bool(std::string_view)> const& take);

// After it returns the file has these contents whatever happens next; before, it has its old ones or none.
// Written beside it as NAME.part, synced, renamed, folder synced. Throws std::system_error.
void write_file_safely(std::filesystem::path const& path, std::string_view text, int mode = 0666);
// The same but for the sync of the folder, which many can share: until then it may still have its old ones.
void write_contents_safely(std::filesystem::path const& path, std::string_view text, int mode = 0666);

// Makes `folder` and what is missing above it, each synced into its parent.
void make_folders(std::filesystem::path const& folder);

// Renames within one file system and syncs both folders.
void move_file_safely(std::filesystem::path const& from, std::filesystem::path const& to);

// Free bytes for us on the file system that holds `path`; 0 if that cannot be told.
std::uintmax_t free_space(std::filesystem::path const& path);

// True if the error means that a disk or a quota is full (ENOSPC, EDQUOT, EFBIG by a limit).
bool disk_is_full(std::error_code const& error);

}  // namespace wanspool
