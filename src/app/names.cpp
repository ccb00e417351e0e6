#include "app/names.h"

#include <algorithm>
#include <istream>
#include <iterator>
#include <system_error>

#include "base/glob.h"
#include "manifest/patterns.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

// The files of a job's folder, by which people name it as well.
bool is_file_of_a_job(std::string const& name) {
  return name.starts_with("image-") || name == "result.json" || name == "document.md" ||
         name == "metadata.jsonl";
}

// The job that a path below out/ belongs to; "" if it does not lie there, "**" for out/ itself.
std::string below(fs::path const& path, fs::path const& out) {
  auto const relative = path.lexically_normal().lexically_relative(out);
  if (relative.empty() || *relative.begin() == "..") return {};
  auto job = relative.has_filename() ? relative : relative.parent_path();
  if (is_file_of_a_job(job.filename().string())) job = job.parent_path();
  return job.empty() || job == "." ? "**" : job.string();
}

// What a review calls the column of names. A manifest may be called so too, but not its only job.
bool is_title(std::string_view cell) {
  constexpr std::string_view kTitles[] = {"job", "name", "file", "file_name", "path", "picture"};
  return std::find(std::begin(kTitles), std::end(kTitles), cell) != std::end(kTitles);
}

// The next line, cell by cell: a line end within quotes is a cell's own.
std::string_view take_record(std::string_view& list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != '\n'); ++end)
    if (list[end] == '"') quoted = !quoted;
  auto const record = list.substr(0, end);
  list.remove_prefix(std::min(list.size(), end + 1));
  return record;
}

std::string first_cell(std::string_view record) {
  while (record.starts_with(' ')) record.remove_prefix(1);
  std::string cell;
  if (record.starts_with('"')) {
    for (std::size_t at = 1; at < record.size(); ++at) {
      if (record[at] == '"' && record.substr(at + 1, 1) != "\"") break;
      at += record[at] == '"';
      cell += record[at];
    }
    return cell;
  }
  cell = record.substr(0, record.find_first_of(",;\t\r"));
  while (cell.ends_with(' ')) cell.pop_back();
  return cell;
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

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  if (list.starts_with("\xEF\xBB\xBF")) list.remove_prefix(3);
  for (bool first = true; !list.empty(); first = false) {
    auto name = first_cell(take_record(list));
    if (!name.empty() && !name.starts_with('#') && !(first && is_title(name)))
      names.push_back(std::move(name));
  }
  return names;
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
    for (auto const& name : names_in(list)) words.push_back(job_word(name, here, spool));
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
