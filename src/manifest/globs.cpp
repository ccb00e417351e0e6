#include "manifest/globs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/glob.h"
#include "manifest/spellings.h"
#include "manifest/text.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostSeen = 1'000'000;
constexpr std::size_t kDeepest = 64;

// Two spellings of one name fit the same patterns.
std::string composed(std::string const& text) {
  return spellings(text)[1];
}

// Why a manifest cannot hold a name; "" if it can.
std::string_view wrong_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    auto const length = yaml::sequence_length(name, at);
    if (length == 0) return "it is not UTF-8";
    at += length;
  }
  auto const is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(name.begin(), name.end(), is_control)) return "it holds a control character";
  if (name.find('\\') != name.npos) return "it holds a '\\'";
  if (name.starts_with(' ') || name.ends_with(' ')) return "a blank stands at its edge";
  return {};
}

std::string shown(std::string_view name) {
  std::string text{name};
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  return text;
}

class Walk {
 public:
  Walk(std::string const& pattern, ListFolder const& list) : list_{list} {
    auto const slash = pattern.rfind('/', pattern.find('*'));
    auto const begin = slash == std::string::npos ? 0 : slash + 1;
    base_ = pattern.substr(0, begin);
    std::string_view rest{pattern};
    for (rest.remove_prefix(begin); !rest.empty();) {
      auto const part = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
      if (part.empty() || part == ".") continue;
      parts_.push_back(composed(std::string{part}));
      across_ = std::min(across_, part.find("**") == part.npos ? across_ : parts_.size() - 1);
    }
    for (auto const& part : parts_) whole_ += (whole_.empty() ? "" : "/") + part;
  }

  FoundFiles find() {
    if (std::count(parts_.begin(), parts_.end(), "..") > 0)
      return {{}, "'..' can only stand before the first '*'"};
    if (!parts_.empty()) look_into("", 0);
    if (!found_.why_not.empty()) found_.names.clear();
    std::sort(found_.names.begin(), found_.names.end());
    return std::move(found_);
  }

 private:
  // `below`: the base, "" or with a '/' at its end.
  void look_into(std::string const& below, std::size_t level) {
    auto const folder = base_ + below;
    auto const listing = list_(folder.size() > 1 ? folder.substr(0, folder.size() - 1) : folder);
    if (below.empty()) found_.why_not = listing.why_not;
    for (auto const& entry : listing.entries) {
      if (!found_.why_not.empty()) return;
      if (entry.name.starts_with('.')) continue;
      if (++seen_ > kMostSeen)
        return void(found_.why_not = fmt::format("more than {} files lie there", kMostSeen));
      if (entry.folder)
        descend(below, entry, level);
      else if (fits(below + entry.name, entry.name, level))
        take(below + entry.name);
    }
  }

  void descend(std::string const& below, FolderEntry const& entry, std::size_t level) {
    bool const on_the_way =
        level >= across_ || (level + 1 < parts_.size() && glob_matches(parts_[level], composed(entry.name)));
    // A link may lead back to where one came from.
    bool const ring = std::find(way_.begin(), way_.end(), entry.place) != way_.end();
    if (!on_the_way || ring || way_.size() == kDeepest) return;
    way_.push_back(entry.place);
    look_into(below + entry.name + "/", std::min(level + 1, std::max(across_, level)));
    way_.pop_back();
  }

  bool fits(std::string const& path, std::string const& name, std::size_t level) const {
    if (across_ < parts_.size()) return glob_matches(whole_, composed(path));
    return level + 1 == parts_.size() && glob_matches(parts_[level], composed(name));
  }

  void take(std::string const& path) {
    if (auto const wrong = wrong_name(path); !wrong.empty())
      found_.why_not =
          fmt::format("'{}' is no name that a manifest can hold, for {}; rename it", shown(path), wrong);
    else
      found_.names.push_back(base_ + path);
  }

  ListFolder const& list_;
  std::string base_;
  std::vector<std::string> parts_;
  std::string whole_;
  std::size_t across_ =
      std::string::npos;  // the first part with '**': from there on whole paths are compared
  std::vector<std::pair<std::uint64_t, std::uint64_t>> way_;
  std::size_t seen_ = 0;
  FoundFiles found_;
};

FolderListing list_in(fs::path const& path) {
  FolderListing listing;
  std::error_code error;
  fs::directory_iterator entries{path, error};
  if (error) {
    listing.why_not =
        error == std::errc::no_such_file_or_directory ? "there is no such folder" : error.message();
    return listing;
  }
  for (; entries != fs::directory_iterator{}; entries.increment(error)) {
    struct stat info {};
    if (::stat(entries->path().c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode))
      listing.entries.push_back(
          {entries->path().filename().string(), S_ISDIR(info.st_mode), {info.st_dev, info.st_ino}});
  }
  return listing;
}

}  // namespace

FoundFiles expand_glob(std::string const& pattern, ListFolder const& list) {
  return Walk{pattern, list}.find();
}

FindFiles globs_below(fs::path folder) {
  return [folder = std::move(folder)](std::string const& pattern) {
    return expand_glob(pattern, [&](std::string const& written) {
      std::error_code ignored;
      for (auto const& name : spellings(written))
        if (fs::is_directory(folder / name, ignored)) return list_in(folder / name);
      return list_in(folder / written);
    });
  };
}

}  // namespace wanspool
