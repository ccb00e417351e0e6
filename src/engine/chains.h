#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/store.h"

namespace wanspool {

// What a job is that is made from another one's picture depends on what that one is (manifest.md, Identity):
// its row is completed here, once those of its sources are known. Its body then names them by their
// fingerprints.
class Chains {
 public:
  // For a job of the manifest and the fingerprint that its row has: that of what it has bought in the end
  // (Store::bought_for); "" where it has bought nothing.
  using BoughtFor = std::function<std::string(std::string const& job, std::string const& asked)>;
  using Take = std::function<void(NewJob&&)>;
  // In words for a person: too many jobs stand before those that they are made from.
  struct Overfull : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  // `sources`: hashes of the names of jobs that others are made from, sorted (ManifestHead).
  Chains(std::vector<std::uint64_t> sources, BoughtFor bought_for);

  // Hands the row on, or keeps it until its sources were added. Throws Overfull when too many would have to
  // be kept.
  void add(NewJob row, Take const& take);
  // All that were added were handed on.
  bool complete() const { return waiting_.empty(); }

 private:
  struct Waiting {
    NewJob row;
    std::size_t missing = 0;
  };
  // Where it stands, of a job that others are made from; "" there means that it is not known yet.
  std::string* fingerprint_of(std::string const& job);
  void remember(NewJob const& row);
  void finish(NewJob row, Take const& take);
  void complete_row(NewJob& row);

  std::vector<std::uint64_t> sources_;
  std::vector<std::string> fingerprints_;  // of these; "": not known yet
  BoughtFor bought_for_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;                     // by their number
  std::unordered_map<std::string, std::vector<std::uint64_t>> wanted_by_;  // a source: who waits for it
  std::uint64_t last_ = 0;
};

}  // namespace wanspool
