#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/bundle.h"
#include "engine/spill.h"
#include "manifest/manifest.h"
#include "store/store.h"

namespace wanspool {

// One manifest read, checked and written out as the rows it becomes, so that the wheel can take them in
// slices whatever their number.
struct Expansion {
  ManifestHead head;   // its jobs are those of the selection
  std::string file;    // as complaints name it
  std::string sha256;  // of the manifest's text
  bool partial = false;
  std::optional<Money> agreed = {};     // a person has said yes to so much
  std::optional<Command> command = {};  // it is none: somebody asks for something; complaints are in `head`
};

// A manifest's text. Throws std::runtime_error, in words for a person, if it cannot be read, is no plain file
// or is too large; `called` is how these name it, "" for its path.
std::string manifest_text(std::filesystem::path const& file, std::string const& called = {});

// Whether a folder that a person made names a file that is not in it yet. Throws like expand(); for a worker
// thread as well.
bool lacks_a_file(std::filesystem::path const& folder, std::string const& source, Models const& models);

// The jobs of a manifest that are selected, as rows, in order. What the selection leaves out is checked as
// well; a selection that nothing fits is a complaint. `head.jobs` counts what was handed over.
ManifestHead read_rows(ManifestSource const& source, Models const& models, std::string const& region,
                       Selection const& selection, std::function<void(NewJob const&)> const& take);

// For a worker thread. `claim` is a manifest's file or a bundle, `source` the name it was dropped under; its
// pictures are taken into `files` (LocalPictures). The spill needs no sync: after a crash it is made anew
// from the manifest. Throws std::system_error if the spill or `files` cannot be written, std::runtime_error
// if the manifest cannot be read, SpillTooLong where the spill would be longer than `most` bytes.
Expansion expand(std::filesystem::path const& claim, std::string const& source,
                 std::filesystem::path const& spill, std::filesystem::path const& files, Models const& models,
                 std::string const& region, std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

// What a job is, whoever asks and whenever: the hash of its effective request (manifest.md, Identity). One
// that is made from other jobs' pictures has none yet; Chains completes it.
NewJob row_of(ManifestJob const& job, Model const& model, std::string const& region);
// Gives a row the fingerprint and the seed that come from `body`, its request without a seed.
void identify(NewJob& row, std::string const& body);
// Of a take from 1; the first one's is `base`, the request's own.
std::string take_fingerprint(std::string const& base, int take);

}  // namespace wanspool
