#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/nearest.h"
#include "core/input_names.h"
#include "engine/expand.h"
#include "manifest/patterns.h"

// A part of a manifest's jobs: read through as often as it takes to know which, for the rows are nowhere
// kept.
namespace wanspool {
namespace {

constexpr std::size_t kNamesShown = 3;

// One of `only`.
struct Pattern {
  std::string word;
  bool found = false;
  std::vector<std::string> near = {};

  // A person may have meant this job, or a folder above it.
  void compare(std::string const& name) {
    for (auto end = name.size(); end != 0 && end != name.npos; end = name.rfind('/', end - 1)) {
      std::string const above = name.substr(0, end);
      bool const ends_so = above.ends_with("/" + word);
      if (!ends_so && nearest(word, {&above, 1}).empty()) continue;
      if (std::find(near.begin(), near.end(), above) == near.end()) near.push_back(above);
      return;
    }
  }
};

class Selector {
 public:
  Selector(Selection const& selection, std::string manifest) : manifest_{std::move(manifest)} {
    for (auto const& each : selection.only) {
      patterns_.push_back({normal_pattern(each)});
      auto const& word = patterns_.back().word;
      if (is_glob(word))
        globs_.push_back(patterns_.size() - 1);
      else
        names_[word].push_back(patterns_.size() - 1);
    }
  }
  // Names are looked up, for they may be as many as the jobs.
  bool fits(std::string const& job) {
    if (patterns_.empty()) return true;
    auto const name = manifest_ + "/" + job;
    bool fits = false;
    for (auto const index : globs_)
      if (means(patterns_[index].word, name)) patterns_[index].found = fits = true;
    for (auto end = name.size(); end != 0 && end != name.npos; end = name.rfind('/', end - 1))
      if (auto const known = names_.find(name.substr(0, end)); known != names_.end())
        for (auto const index : known->second) patterns_[index].found = fits = true;
    return fits;
  }
  bool all_found() const {
    return std::all_of(patterns_.begin(), patterns_.end(), [](auto const& each) { return each.found; });
  }
  void compare(std::string const& job) {
    for (auto& each : patterns_)
      if (!each.found && each.near.size() < kNamesShown) each.compare(manifest_ + "/" + job);
  }
  std::vector<Complaint> complaints(std::string const& file) const {
    std::vector<Complaint> list;
    for (auto const& each : patterns_) {
      if (each.found) continue;
      auto const help = each.near.empty() ? fmt::format("its jobs are named {}/JOB", manifest_)
                                          : fmt::format("did you mean {}?", fmt::join(each.near, ", "));
      list.push_back({file, 0, 0, fmt::format("no job fits '{}'; {}", each.word, help)});
    }
    return list;
  }

 private:
  std::string manifest_;
  std::vector<Pattern> patterns_;
  std::vector<std::size_t> globs_;
  std::unordered_map<std::string, std::vector<std::size_t>> names_;
};

using Take = std::function<void(ManifestJob const&)>;

// Reads with a selection: the name first, for it may stand anywhere and all patterns begin with it; then how
// many fit, where a sample of them is wanted; then what these are made from; then the rows.
class SelectedReader {
 public:
  SelectedReader(ManifestSource const& source, Models const& models, Selection const& selection)
      : source_{source}, models_{models}, selection_{selection} {}

  ManifestHead read(Take const& take) {
    std::size_t all = 0;
    auto head = pass([&](ManifestJob const&) { ++all; });
    if (!head.ok()) return head;
    Selector selector{selection_, head.name};
    if (!selection_.only.empty()) {
      all = 0;
      pass([&](ManifestJob const& job) { all += selector.fits(job.id); });
      if (!selector.all_found()) {
        pass([&](ManifestJob const& job) { selector.compare(job.id); });
        head.complaints = selector.complaints(source_.file);
        head.jobs = 0;
        return head;
      }
    }
    return hand_over(selector, all, !head.sources.empty(), take);
  }

 private:
  ManifestHead pass(Take const& take) {
    return read_manifest(source_, models_, [&](ManifestJob const& job) { take(job); });
  }
  ManifestHead hand_over(Selector& selector, std::size_t all, bool chained, Take const& take) {
    std::set<std::string> sources;
    while (chained && find_sources(selector, all, sources)) continue;
    std::size_t taken = 0;
    std::optional<Complaint> unseen;
    auto head = selected(selector, all, sources, [&](ManifestJob const& job) {
      ++taken;
      if (job.unseen && !unseen) unseen = Complaint{source_.file, job.line, job.column, unseen_words(job)};
      take(job);
    });
    head.jobs = taken;
    if (unseen) head.complaints.push_back(std::move(*unseen));
    return head;
  }
  // What fits, and of that a sample, and all of `besides`.
  ManifestHead selected(Selector& selector, std::size_t all, std::set<std::string> const& besides,
                        Take const& take) {
    auto const wanted = selection_.sample == 0 ? all : std::min(selection_.sample, all);
    std::size_t seen = 0, taken = 0;
    return pass([&](ManifestJob const& job) {
      // The k-th of them is number k·all/wanted: evenly spread, the first one always.
      bool const fits = selector.fits(job.id) && taken < wanted && seen++ == taken * all / wanted;
      taken += fits;
      if (fits || besides.contains(job.id)) take(job);
    });
  }
  // A job is not to be had without those that it is made from. Whether more of them were found.
  bool find_sources(Selector& selector, std::size_t all, std::set<std::string>& sources) {
    auto const before = sources.size();
    auto const known = sources;
    selected(selector, all, known, [&](ManifestJob const& job) {
      for (auto const& image : job.request.images)
        if (auto picture = picture_of_job(image)) sources.insert(std::move(picture->source));
    });
    return sources.size() > before;
  }
  static std::string unseen_words(ManifestJob const& job) {
    return fmt::format("a picture of the job '{}' was not handed over with the manifest; hand it over anew",
                       job.id);
  }

  ManifestSource const& source_;
  Models const& models_;
  Selection const& selection_;
};

}  // namespace

ManifestHead read_rows(ManifestSource const& source, Models const& models, std::string const& region,
                       Selection const& selection, std::function<void(NewJob const&)> const& take) {
  auto const hand = [&](ManifestJob const& job) { take(row_of(job, models.at(job.request.model), region)); };
  if (selection.all()) return read_manifest(source, models, hand);
  return SelectedReader{source, models, selection}.read(hand);
}

}  // namespace wanspool
