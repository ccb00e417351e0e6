#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "manifest/chains.h"
#include "manifest/jobs.h"
#include "manifest/layers.h"
#include "manifest/manifest.h"
#include "manifest/matrix.h"
#include "manifest/rows.h"
#include "manifest/scope.h"

namespace wanspool::yaml {

// What was seen before, at sixteen bytes each.
class Seen {
 public:
  // `pictures` of a job: what it brings at most.
  void add(std::uint64_t hash, std::size_t at, int row, int pictures = 0) {
    all_.push_back({hash, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(row) & 0xffffffu,
                    static_cast<std::uint32_t>(pictures) & 0xffu});
  }
  // As it was added, after a twice(); 0: never.
  int pictures_of(std::uint64_t hash) const;
  // One that has come before, with the first of its kind; of each place only the first, and how many more.
  struct Twice {
    std::size_t at, first;
    std::uint32_t first_row, row;
    std::size_t more = 0;

    std::string words() const;  // " (rows 3 and 9; 2 more like this)", or ""
  };
  // These sort; for the end.
  std::vector<Twice> twice();
  // Those of `others` that are here too.
  std::vector<Twice> met_by(Seen& others);

 private:
  struct One {
    std::uint64_t hash;
    std::uint32_t at;
    std::uint32_t row : 24, pictures : 8;
  };
  void sort();
  static void tell(std::vector<Twice>& found, One const& first, One const& second);

  std::vector<One> all_;
};

// Writes each job of a manifest out: rows by matrix by takes (manifest.md, Names).
class Expansion {
 public:
  struct Manifest {
    std::string const& name;
    Models const& models;
    FindFile const& find;
    LookAtPicture const& look;
    FindFiles const& glob;
    Defaults const& defaults;
    Overrides& overrides;
    std::map<std::string, Node, std::less<>> const& fragments;
    std::set<std::string, std::less<>> const& wrong_fragments;
    bool const& fragments_unknown;
    std::function<void(ManifestJob)> const& take;
    ManifestHead& head;
  };
  Expansion(Manifest manifest, std::string const& file, Complaints& complaints, Complaints& warnings)
      : manifest_{manifest},
        file_{file},
        complaints_{complaints},
        warnings_{warnings},
        prompts_{manifest.find},
        pictures_{manifest.find, manifest.look} {}

  // `position` counts the jobs as written, from 1.
  void expand(Node const& job, std::size_t position);
  std::set<std::string, std::less<>> const& names_in_files() const { return prompts_.names(); }
  // When all are expanded: equal names and places are wrong, equal requests are worth a warning.
  void find_equal_ones();
  // After that: what they are made from must be there.
  void find_sources();

 private:
  struct Written;  // one job as written
  void read_id(Written& job, std::size_t position);
  void check_names(Written const& job);
  void each_row(Written& job);
  bool read_row(Written& job, Row const& row, Complaints& complaints);
  void skip_bad_row(Written& job, Row const& row, Complaints const& bad);
  void judge_skipped(Written const& job);
  bool each_combination(Written& job, Row const* row, Complaints& complaints);
  bool combine(Written& job, Row const* row, Matrix::Combination const& combination, Complaints& complaints);
  bool read_take(Written& job, Row const* row, Layers const& layers, Complaints& complaints);
  std::optional<int> read_takes(Written const& job, Layers const& layers, Complaints& complaints);
  void look_over(Written& job, Layers const& layers, ManifestJob const& read);
  void look_at_prompt(Written const& job, View prompt);
  void look_at_fragments(Written const& job);
  void look_at_picture(View picture, ManifestJob const& read);
  void emit(ManifestJob read, Written const& job, int row);
  std::string vars_of(Written const& job) const;
  std::string which(Written const& job, Row const* row, std::size_t at, std::string_view name) const;

  Manifest manifest_;
  std::string const& file_;
  Complaints& complaints_;
  Complaints& warnings_;
  PromptFiles prompts_;
  Pictures pictures_;
  Seen names_, files_, requests_;
  Chains chains_;
  bool fragments_seen_ = false;
  std::size_t tried_ = 0, rounds_ = 0;  // jobs that were read, combinations that were looked at
};

}  // namespace wanspool::yaml
