#pragma once

#include <filesystem>
#include <string>

namespace wanspool {

// Where everything lies. Every name of the house on disk is made here.
struct Spool {
  std::filesystem::path root, inbox, accepted, rejected, out, state, claims, spill, database;
  std::filesystem::path old;      // what a newer picture has replaced; beside `out`, on its file system
  std::filesystem::path orphans;  // pictures that were paid for and are no job's; beside `out` as well
  std::filesystem::path answers;  // of commands that ask: ID.json
  std::filesystem::path report;   // why what lies in the inbox lies there, as far as only the daemon knows
  std::filesystem::path files;    // input pictures that manifests brought: SHA256.EXT

  // `inbox` and `out` may lie elsewhere; relative ones are below `root`.
  static Spool at(std::filesystem::path const& root, std::filesystem::path const& inbox = "inbox",
                  std::filesystem::path const& out = "out");

  // A folder with an inbox in it is a spool.
  static bool is_one(std::filesystem::path const& root);

  // Makes what is missing.
  void make() const;

  // out/MANIFEST/JOB. Throws std::system_error if a link leads it out of the tree.
  std::filesystem::path job_folder(std::string const& name) const;
  // old/MANIFEST/JOB. Throws like job_folder().
  std::filesystem::path old_folder(std::string const& name) const;
  // A picture that is named relative to the folder of `job`. Throws like job_folder(), also where the name
  // itself leads out of the manifest's folder.
  std::filesystem::path picture_path(std::string const& job, std::string const& file) const;
  // Where pictures wait that another job's picture has pushed out of their place.
  std::filesystem::path displaced_folder(std::string const& job) const;
  // out/MANIFEST/metadata.jsonl
  std::filesystem::path index_file(std::string const& manifest) const;
  // orphans/TASK_ID, with '_' for every character that a task id does not have.
  std::filesystem::path orphan_folder(std::string const& task_id) const;
};

}  // namespace wanspool
