#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/removed.h"
#include "engine/spool.h"
#include "engine/sweep.h"
#include "store/housekeeping.h"
#include "store/reader.h"

// What of a spool may go: what newer pictures have replaced, pictures that are nobody's, input pictures that
// nobody needs, and, where a person names their manifests, current ones. Beside a daemon or without one;
// nothing is written to the queue, and whatever was removed is tolerated by all that reads it.
namespace wanspool::app {

enum class Kind { Old, Orphans, Files, Pictures };
inline constexpr int kKinds = 4;
std::string_view name_of(Kind kind);  // "old" …

// A file that has been there for less than this may belong to a manifest that is just being taken in, or be
// one that the daemon has in mind.
inline constexpr hours kFilesLeast{48};

struct GcWishes {
  std::array<std::optional<Instant>, kKinds> before;  // of each kind what is older; none: nothing
  std::vector<std::string> manifests;                 // whose current pictures
  std::int64_t keep = 0;                              // bytes of each kind that are to be left

  std::optional<Instant> const& of(Kind kind) const { return before[static_cast<std::size_t>(kind)]; }
};

struct GcFinding {
  Kind kind = Kind::Old;
  std::int64_t files = 0, bytes = 0;  // there are
  std::int64_t needed = 0;            // of them, which stay
  Instant oldest;                     // of the others; "never": there are none
  std::int64_t go_files = 0, go_bytes = 0;
  Instant cutoff;  // what is older goes
};

class Gc {
 public:
  Gc(Spool const& spool, Reader& reader, Housekeeping& house, GcWishes wishes, Instant now)
      : spool_{spool}, reader_{reader}, house_{house}, wishes_{std::move(wishes)}, now_{now} {}

  // One of each kind, pictures only where they are asked for. Removes nothing.
  std::vector<GcFinding> survey();
  // What the survey has found, if it is still so. Throws std::system_error where it cannot be noted what was
  // removed; then all else stays.
  std::vector<Swept> remove(std::vector<GcFinding> const& findings);

 private:
  struct Orphan {
    bool may_go = false;
    std::map<std::string, std::string> sums;  // of its pictures, by their names
  };
  struct Candidate {
    std::string below, sha256;
    std::int64_t bytes = 0;
    Instant at;
  };
  using Digest = std::array<char, 16>;  // the first half of a sum

  void read_uses();
  void read_orphans();
  void read_inputs();
  bool is_needed(Kind kind, std::string const& below);
  bool is_ours(Kind kind, std::string const& below) const;
  bool rests(std::string const& manifest);
  std::filesystem::path const& root_of(Kind kind) const;
  GcFinding survey(Kind kind);
  Swept remove(GcFinding const& finding);
  Swept remove_pictures(GcFinding const& finding);
  void each_picture(std::function<void(Candidate const&)> const& take);
  void note_orphan(std::string const& below, RemovedLog& log);

  Spool const& spool_;
  Reader& reader_;
  Housekeeping& house_;
  GcWishes wishes_;
  Instant now_;
  Uses uses_;
  std::map<std::string, Orphan> orphans_;  // by folder
  std::vector<Digest> inputs_;             // sorted
  std::map<std::string, bool> rests_;
};

}  // namespace wanspool::app
