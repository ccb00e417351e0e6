#include "manifest/chains.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "manifest/manifest.h"

namespace wanspool::yaml {
namespace {

constexpr std::string_view kScheme = "job:";
constexpr int kMostNumber = 255;  // more than any model brings
constexpr std::size_t kNamesShown = 20;

std::uint64_t hash_of(std::string const& name) {
  return std::hash<std::string>{}(name);
}

}  // namespace

PictureOfJob read_job_picture(std::string_view written, std::string& why_not) {
  auto text = written.substr(kScheme.size());
  PictureOfJob picture;
  auto const hash = text.rfind('#');
  if (hash != text.npos) {
    auto const digits = text.substr(hash + 1);
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), picture.number);
    if (error != std::errc{} || end != digits.data() + digits.size() || picture.number < 1 ||
        picture.number > kMostNumber)
      why_not = fmt::format("'#{}' is no number of a picture; pictures count from 1", digits);
    text = text.substr(0, hash);
  }
  picture.source = normal_path(text);
  if (picture.source.empty() && why_not.empty())
    why_not = "another job's picture is written job:NAME#K, with the job's whole name below the manifest";
  return picture;
}

void Chains::add(std::string const& job, PictureOfJob picture, std::size_t at, int row) {
  links_.push_back({hash_of(job), hash_of(picture.source), static_cast<std::uint32_t>(at),
                    static_cast<std::uint32_t>(row) & 0xffffffu,
                    static_cast<std::uint32_t>(picture.number) & 0xffu, std::move(picture.source)});
}

void Chains::check(PicturesOf const& pictures_of, Complaints& complaints) {
  bool good = true;
  for (auto const& link : links_) {
    auto const pictures = pictures_of(link.source);
    auto const row = link.row == 0 ? std::string{} : fmt::format(" (row {})", link.row);
    if (pictures == 0)
      complaints.add(link.at,
                     fmt::format("there is no job '{}' in this manifest to be made from{}; its whole name "
                                 "is meant, with rows, axes and takes as 'plan --diff' shows them",
                                 link.name, row));
    else if (static_cast<int>(link.number) > pictures)
      complaints.add(link.at,
                     fmt::format("'{}' brings {}, so that there is no picture {} of it{}", link.name,
                                 pictures == 1 ? "one picture" : fmt::format("{} pictures", pictures),
                                 static_cast<int>(link.number), row));
    else
      continue;
    good = false;
    if (complaints.full()) return;
  }
  if (good) find_cycles(complaints);
}

std::vector<std::uint64_t> Chains::sources() const {
  std::vector<std::uint64_t> sources;
  for (auto const& link : links_) sources.push_back(link.source);
  std::sort(sources.begin(), sources.end());
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  return sources;
}

// Depth first, without recursion: a chain may be as long as the manifest.
void Chains::find_cycles(Complaints& complaints) {
  std::stable_sort(links_.begin(), links_.end(), [](Link const& a, Link const& b) { return a.job < b.job; });
  auto const first_of = [&](std::uint64_t job) {
    return static_cast<std::size_t>(
        std::lower_bound(links_.begin(), links_.end(), job,
                         [](Link const& link, std::uint64_t each) { return link.job < each; }) -
        links_.begin());
  };
  enum : char { Unseen, OnPath, Clear };
  std::vector<char> seen(links_.size(), Unseen);  // by the first link of a job
  std::vector<std::size_t> path;                  // the link that is followed from each job on it
  auto const is_of = [&](std::size_t link, std::uint64_t job) {
    return link < links_.size() && links_[link].job == job;
  };
  for (std::size_t start = 0; start < links_.size(); ++start) {
    if (start != first_of(links_[start].job) || seen[start] != Unseen) continue;
    path.assign(1, start);
    seen[start] = OnPath;
    while (!path.empty()) {
      auto const link = path.back();
      auto const home = first_of(links_[link].job);
      auto const next = first_of(links_[link].source);
      bool const is_follower = is_of(next, links_[link].source);
      if (is_follower && seen[next] == OnPath) {
        complaints.add(links_[link].at, cycle_through(path));
        return;
      }
      if (is_follower && seen[next] == Unseen) {
        seen[next] = OnPath;
        path.push_back(next);
        continue;
      }
      // This source leads nowhere: the next one of the same job, or back.
      if (is_of(link + 1, links_[link].job)) {
        ++path.back();
        continue;
      }
      seen[home] = Clear;
      path.pop_back();
    }
  }
}

// From the job that the path has come back to.
std::string Chains::cycle_through(std::vector<std::size_t> const& path) const {
  auto const& last = links_[path.back()];
  std::size_t begin = 0;
  while (links_[path[begin]].job != last.source) ++begin;
  auto words = last.name;
  for (auto at = begin; at < path.size() && at < begin + kNamesShown; ++at)
    words += " <- " + links_[path[at]].name;
  return fmt::format("these jobs are made from one another in a circle, so that none could be the first: {}",
                     words);
}

}  // namespace wanspool::yaml
