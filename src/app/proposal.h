#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/plan.h"
#include "engine/bundle.h"

namespace wanspool::app {

// A manifest of the command line, read and checked, and what taking it in would do.
struct Proposal {
  std::string file;                // as it was named
  std::filesystem::path manifest;  // the file itself
  std::string own_name;            // "cats.yaml"; "cats/manifest.yaml" of what goes by its folder
  ManifestHead head;
  Plan plan;
  std::vector<std::string> names;                   // of the files that go with it, as written, each once
  FindFile find;                                    // where these are
  std::map<std::string, std::string> without = {};  // those that cannot, with the reason
  std::map<std::string, std::vector<std::string>> globs = {};  // what its patterns have found
  std::optional<Selection> picked = {};  // the selected jobs by name: only their pictures go with it

  bool ok() const { return head.ok(); }
};

// One job as `plan --diff` names it.
struct Difference {
  Change change;
  std::string job;  // MANIFEST/JOB
  bool buys = false;
  int pictures = 0;  // at most
  Money price;       // at most
};

struct Proposing {
  Context const& context;
  Selection selection = {};
  // Told of each job that does not stay the same, in the order of the manifest, those that are gone at the
  // end; only of a manifest that is right.
  std::function<void(Difference const&)> each = {};
};

// Reads and compares in bounded memory. `reader` may be none: then all is new. What cannot be read is a
// complaint like any other mistake. `now`: a deadline that counts from the taking in begins then.
Proposal propose(std::string const& file, Proposing const& how, Reader* reader, Instant now);
// Several of them, with one reader for the spool's queue if there is one.
std::vector<Proposal> propose_all(std::vector<std::string> const& files, Proposing const& how);

// Throws Quit 2 where one of these names is no file's and no bundle's, with the complaints of propose().
void refuse_missing(std::vector<std::string> const& files);

// Every complaint on standard error; false if there is one.
bool tell_complaints(Proposal const& proposal);
bool tell_complaints(std::vector<Proposal> const& proposals);
// Warnings, rows that were left out and what may surprise, a line each.
std::vector<std::string> warnings_of(Proposal const& proposal);

}  // namespace wanspool::app
