#pragma once

#include <filesystem>
#include <string>

namespace wanspool {

// Where everything lies. Every name of the house on disk is made here.
struct Spool {
  std::filesystem::path root, inbox, accepted, rejected, out, state, claims, spill, database;

  // `inbox` and `out` may lie elsewhere; relative ones are below `root`.
  static Spool at(std::filesystem::path const& root, std::filesystem::path const& inbox = "inbox",
                  std::filesystem::path const& out = "out");

  // A folder with an inbox in it is a spool.
  static bool is_one(std::filesystem::path const& root);

  // Makes what is missing.
  void make() const;

  // out/MANIFEST/JOB. Throws std::system_error if a link leads it out of the tree.
  std::filesystem::path job_folder(std::string const& name) const;
};

}  // namespace wanspool
