#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/money.h"
#include "manifest/manifest.h"

// A manifest together with the files it names, as a folder that travels by one rename: manifest.yaml,
// whatever lies beside it, and, where `wanspool submit` or `run` has made it, bundle.json.
namespace wanspool {

// A part of a manifest's jobs.
struct Selection {
  std::vector<std::string> only;  // globs over MANIFEST/JOB; none: all
  std::size_t sample = 0;         // so many of these, evenly spread; 0: all

  bool all() const { return only.empty() && sample == 0; }
};

// What somebody says beside the manifest when he hands it over.
struct Handover {
  std::string file;                          // the manifest's own, as complaints name it: "cats.yaml"
  std::map<std::string, std::string> files;  // each path as written in it, and where it lies in the bundle
  Selection selection = {};
  std::optional<Money> agreed = {};  // a person has said yes to a price of so much at most
  std::string currency = {};         // of `agreed`; "": that of the model table
  // Each pattern of an axis of files, and the paths that fitted it.
  std::map<std::string, std::vector<std::string>> globs = {};
  // Files that it names and that could not be handed over, with the reason: only rows that are left out may
  // name such.
  std::map<std::string, std::string> without = {};

  // Nothing that the manifest's own text does not say.
  bool empty() const {
    return files.empty() && selection.all() && !agreed && globs.empty() && without.empty();
  }
};

struct Bundle {
  std::filesystem::path manifest;  // the file
  std::string name;                // what its manifest is called that has no `name`
  Handover handover;
  bool mapped = false;                    // it has a bundle.json; else its paths are below its folder
  std::shared_ptr<void const> held = {};  // as in FoundFile, of the manifest
};

// A folder itself, not a link to one.
bool is_folder(std::filesystem::path const& path);
// Whether this is a folder with a manifest.yaml in it.
bool is_bundle(std::filesystem::path const& path);
// A bundle, or a manifest's file alone; `source` is the name it was dropped under. Throws std::runtime_error
// in words for a person.
Bundle open_bundle(std::filesystem::path const& path, std::string const& source);
// Where the files of a bundle are: never outside of its folder, links followed, found under their NFC or NFD
// spelling as well, and opened once: what is swapped for them later is not read. A manifest alone has none.
// `lacking` hears of each that is not there and may still come.
FindFile files_of(Bundle const& bundle, std::filesystem::path const& path,
                  std::function<void(std::string const&)> lacking = {});
// The files there that fit a pattern, likewise; `lacking` hears of a pattern that none fits yet.
FindFiles globs_of(Bundle const& bundle, std::filesystem::path const& path,
                   std::function<void(std::string const&)> lacking = {});

// Copies (reflinks where the file system can, never links) of a manifest and of what it names into a new
// `folder`; `files` are the paths as written, found by `find`. Every file is synced. Throws
// std::system_error, or std::runtime_error where one cannot be read.
void write_bundle(std::filesystem::path const& folder, std::filesystem::path const& manifest,
                  Handover handover, std::vector<std::string> const& files, FindFile const& find);

// A copy of a whole folder: its plain files, its folders and its links as they are; anything else is left
// out, and no link is followed that takes the place of one of them meanwhile. `to` is new. Every file is
// synced. Throws std::system_error, or std::runtime_error where something cannot be read, which names it by
// `called` ("": by its path).
void copy_folder(std::filesystem::path const& from, std::filesystem::path const& to,
                 std::string const& called = {});

}  // namespace wanspool
