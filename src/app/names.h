#pragma once

#include <filesystem>
#include <istream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/spool.h"

namespace wanspool::app {

// What a word of the command line means as the name of jobs: a path under out/ becomes the job it belongs to,
// a name is normalised as manifests' names are. `here` is the current folder.
std::string job_word(std::string const& word, std::filesystem::path const& here, Spool const& spool);

// Replaces "-" by the names that `in` holds, and puts every word through job_word().
std::vector<std::string> job_words(std::vector<std::string> const& arguments, std::istream& in,
                                   std::filesystem::path const& here, Spool const& spool);

// The jobs that a command is about.
class Names {
 public:
  // A word is a manifest, a prefix (everything below it) or a glob. No words: all jobs.
  explicit Names(std::vector<std::string> const& words = {});

  // Remembers which words have found something.
  bool match(std::string_view name);
  // Likewise, of a word that means something else than a name.
  void find(std::string const& word) { found_.insert(word); }
  std::vector<std::string> unmatched() const;
  // Every job is meant.
  bool mean_all() const { return all_; }
  // The manifests that can hold a match; none: any can.
  std::set<std::string> const& manifests() const { return manifests_; }

 private:
  bool all_;
  std::set<std::string, std::less<>> prefixes_, found_;
  std::vector<std::string> globs_;
  std::set<std::string> manifests_;
};

}  // namespace wanspool::app
