#include "app/names.h"

#include <algorithm>
#include <istream>
#include <iterator>
#include <system_error>

#include "app/name_list.h"
#include "base/glob.h"
#include "manifest/patterns.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

// The files of a job's folder, by which people name it as well. A row's folder may be called so too.
bool is_file_of_a_job(fs::path const& path) {
  auto const name = path.filename().string();
  std::error_code ignored;
  return ((name.starts_with("image-") && name.ends_with(".png")) || name == "result.json" ||
          name == "document.md" || name == "metadata.jsonl" || name == "STATUS.txt") &&
         !fs::is_directory(path, ignored);
}

// The job that a path below out/ belongs to; "" if it does not lie there, "**" for out/ itself.
std::string below(fs::path const& path, fs::path const& out) {
  auto const relative = path.lexically_normal().lexically_relative(out);
  if (relative.empty() || *relative.begin() == "..") return {};
  auto job = relative.has_filename() ? relative : relative.parent_path();
  if (is_file_of_a_job(out / job)) job = job.parent_path();
  return job.empty() || job == "." ? "**" : job.string();
}

}  // namespace

std::string job_word(std::string const& word, fs::path const& here, Spool const& spool) {
  std::error_code ignored;
  // Whoever stands inside of out/ may mean a path or a name: what is there decides.
  bool const stands_inside = !below(here, spool.out).empty() && fs::path{word}.is_relative();
  if (!stands_inside || fs::exists(here / word, ignored))
    if (auto const name = below(here / word, spool.out); !name.empty()) return name;
  if (word.starts_with("out/") && fs::exists(spool.out / word.substr(4), ignored))
    return below(spool.out / word.substr(4), spool.out);
  return normal_pattern(word);
}

std::vector<std::string> job_words(std::vector<std::string> const& arguments, std::istream& in,
                                   fs::path const& here, Spool const& spool) {
  std::vector<std::string> words;
  for (auto const& each : arguments) {
    if (each != "-") {
      words.push_back(job_word(each, here, spool));
      continue;
    }
    std::string const list{std::istreambuf_iterator<char>{in}, {}};
    for (auto const& name : names_in(list, "standard input")) words.push_back(job_word(name, here, spool));
  }
  return words;
}

Names::Names(std::vector<std::string> const& words) : all_{words.empty()} {
  bool anywhere = all_;
  for (auto const& word : words) {
    auto const manifest = word.substr(0, word.find('/'));
    anywhere = anywhere || is_glob(manifest);
    manifests_.insert(manifest);
    if (is_glob(word))
      globs_.push_back(word);
    else
      prefixes_.insert(word);
  }
  if (anywhere) manifests_.clear();
}

bool Names::match(std::string_view name) {
  if (all_) return true;
  bool matched = false;
  auto const found = [&](std::string_view word) {
    if (!found_.contains(word)) found_.emplace(word);
    matched = true;
  };
  for (auto end = name.find('/');; end = name.find('/', end + 1)) {
    auto const prefix = name.substr(0, end);
    if (prefixes_.contains(prefix)) found(prefix);
    if (end == name.npos) break;
  }
  for (auto const& glob : globs_)
    if (glob_matches(glob, name)) found(glob);
  return matched;
}

std::vector<std::string> Names::unmatched() const {
  std::vector<std::string> words;
  for (auto const& each : prefixes_)
    if (!found_.contains(each)) words.push_back(each);
  for (auto const& each : globs_)
    if (!found_.contains(each)) words.push_back(each);
  return words;
}

}  // namespace wanspool::app
