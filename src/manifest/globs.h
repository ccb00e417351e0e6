#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "manifest/manifest.h"

// Finding the files that fit a pattern, wherever the folders are looked into.
namespace wanspool {

// One thing that lies in a folder; a link stands for what it leads to.
struct FolderEntry {
  std::string name;
  bool folder = false;                                 // else a plain file
  std::pair<std::uint64_t, std::uint64_t> place = {};  // device and inode
};
struct FolderListing {
  std::vector<FolderEntry> entries;  // files and folders, nothing else
  std::string why_not = {};          // in words for a person why it cannot be looked into
};
// Of a folder as it would be written in the manifest; "" is the manifest's own.
using ListFolder = std::function<FolderListing(std::string const& written)>;

FoundFiles expand_glob(std::string const& pattern, ListFolder const& list);

}  // namespace wanspool
