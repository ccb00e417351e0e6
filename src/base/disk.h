#pragma once

#include <filesystem>
#include <string_view>

#include "base/fd.h"

// The calls that change a disk, one system call each. base/files is built on them and nothing else changes
// files; the tests link a disk of their own in their place that can stop the program between any two calls.
namespace wanspool::disk {

// Each throws std::system_error that names the path.
Fd create(std::filesystem::path const& path, int mode);  // for writing; an older file is emptied
Fd append(std::filesystem::path const& path);            // for writing at the end of a file that is there
void write(int fd, std::string_view bytes, std::filesystem::path const& name);  // all of it
void sync(int fd, std::filesystem::path const& name);
// Everything on the file system that holds `folder`: also what a stopped program has left unsynced.
void sync_all(std::filesystem::path const& folder);
void sync_folder(std::filesystem::path const& folder);
void rename(std::filesystem::path const& from, std::filesystem::path const& to);
// As rename(), and refuses (EEXIST) where something is there already.
void rename_new(std::filesystem::path const& from, std::filesystem::path const& to);
void link(std::filesystem::path const& from, std::filesystem::path const& to);  // a second name, a new one
void make_folder(std::filesystem::path const& folder);  // one that is there already is fine
void remove(std::filesystem::path const& path);         // one that is gone already is fine
// Its times become now, so that whoever removes what is old (under an exclusive flock) lets it stay; false if
// it is gone or is not ours.
bool refresh(std::filesystem::path const& path);

}  // namespace wanspool::disk
