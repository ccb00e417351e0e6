#include "manifest/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/jobs.h"

namespace wanspool {
namespace {

using namespace yaml;

Keys const& top_keys() {
  static Keys const keys{"a manifest",
                         {"manifest", "name", "on_uncertain", "refill", "defaults", "jobs"},
                         {"let", "overrides", "priority", "deadline", "budget", "max_failures", "fetch"}};
  return keys;
}

std::optional<OnDoubt> read_on_doubt(View value, Complaints& complaints) {
  auto const word = read_word(value, "on_uncertain", complaints);
  if (!word) return {};
  std::vector<std::string> names;
  for (auto const each : {OnDoubt::Adopt, OnDoubt::Hold, OnDoubt::Resubmit}) {
    if (*word == name_of(each)) return each;
    names.emplace_back(name_of(each));
  }
  complaints.add(value, fmt::format("on_uncertain wants adopt, hold or resubmit, not {}{}", spoken(value),
                                    did_you_mean(*word, names)));
  return {};
}

class ManifestReader {
 public:
  ManifestReader(ManifestSource const& source, Models const& models,
                 std::function<void(ManifestJob)> const& take)
      : text_{source.text}, file_{source.file}, models_{models}, take_{take}, complaints_{text_, file_} {}

  ManifestHead read() {
    Listener listener;
    listener.streamed = "jobs";
    listener.pair = [this](Node key, Node value) { take_key(key, std::move(value)); };
    listener.list = [this](Node key) { begin_jobs(key); };
    listener.item = [this](Node node) { take_job(node); };
    auto const outcome = read_document(text_, complaints_, listener);
    if (waiting_) read_jobs_again();
    if (outcome == Outcome::Empty)
      complaints_.add_whole("the file is empty; a manifest begins with 'manifest: 1'");
    if (outcome == Outcome::Whole) check_what_is_missing();
    find_equal_ids();
    return finish();
  }

 private:
  void take_key(Node const& key, Node value) {
    if (!check_key(View{key}, top_keys(), complaints_)) return;
    View const view{value};
    if (key.text == "manifest") {
      take_version(view);
    } else if (key.text == "name") {
      if (auto name = read_name(view, "name", "", complaints_)) name_ = std::move(*name);
    } else if (key.text == "on_uncertain") {
      on_doubt_ = read_on_doubt(view, complaints_).value_or(on_doubt_);
    } else if (key.text == "refill") {
      refill_ = read_boolean(view, key.text, complaints_).value_or(refill_);
    } else if (key.text == "defaults" && !defaults_seen_) {
      defaults_seen_ = true;
      defaults_node_ = std::move(value);
      defaults_ = Defaults{defaults_node_, models_, complaints_};
    } else if (key.text == "jobs") {
      jobs_at_ = jobs_at_.value_or(key.at);
      jobs_wrong_ = !view.is(Node::Kind::Null);
      if (jobs_wrong_)
        complaints_.add(
            view, fmt::format("jobs is a list of jobs, each beginning with '- id:', not {}", spoken(view)));
    }
  }

  void take_version(View value) {
    version_seen_ = true;
    if (plain_integer(value) == 1) return;
    complaints_.add(value, fmt::format("this program reads 'manifest: 1', not {}", spoken(value)));
  }

  // Defaults may stand below the jobs, and a job cannot be checked without them: then the jobs are passed
  // over and the text is read a second time.
  void begin_jobs(Node const& key) {
    again_ = jobs_at_.has_value();  // a second list has its complaint already
    jobs_at_ = jobs_at_.value_or(key.at);
    waiting_ = !defaults_seen_ && text_.bytes().find("defaults", key.at) != std::string_view::npos;
  }

  void take_job(Node const& node) {
    if (waiting_ || again_) return;
    ++jobs_;
    auto job = read_job(node, jobs_, defaults_, models_, complaints_);
    if (!job) return;
    ids_.push_back({std::hash<std::string>{}(job->id), node.at});
    if (take_) take_(std::move(*job));
  }

  void read_jobs_again() {
    waiting_ = false;
    bool first = true;
    Listener listener;
    listener.streamed = "jobs";
    listener.list = [&](Node const&) { again_ = !std::exchange(first, false); };
    listener.item = [this](Node node) { take_job(node); };
    read_document(text_, complaints_, listener);
  }

  void check_what_is_missing() {
    if (!version_seen_) complaints_.add(0, "a manifest begins with 'manifest: 1'");
    if (!jobs_at_) complaints_.add_whole("this manifest has no 'jobs'");
    if (jobs_at_ && jobs_ == 0 && !jobs_wrong_)
      complaints_.add(*jobs_at_, "jobs is empty; a manifest wants at least one job");
  }

  // Sixteen bytes are kept of each job, whatever its id.
  void find_equal_ids() {
    std::sort(ids_.begin(), ids_.end());
    for (std::size_t i = 1; i < ids_.size(); ++i)
      if (ids_[i].first == ids_[i - 1].first)
        complaints_.add(ids_[i].second, "two jobs have the same id after normalisation; the other is at",
                        ids_[i - 1].second);
  }

  ManifestHead finish() {
    if (name_.empty()) name_ = normal_name(std::filesystem::path{file_}.stem().string());
    if (name_.empty() && complaints_.count() == 0)
      complaints_.add_whole("no name can be made of this file's name; write one: 'name: …'");
    ManifestHead head;
    head.name = name_;
    head.terms.on_doubt = on_doubt_;
    head.terms.refill = refill_;
    head.jobs = jobs_;
    head.complaints = complaints_.take();
    return head;
  }

  Text text_;
  std::string const& file_;
  Models const& models_;
  std::function<void(ManifestJob)> const& take_;
  Complaints complaints_;
  std::string name_;
  OnDoubt on_doubt_ = OnDoubt::Adopt;
  bool refill_ = false;
  Node defaults_node_;
  Defaults defaults_;
  std::vector<std::pair<std::size_t, std::size_t>> ids_;  // hash and place of each
  std::size_t jobs_ = 0;
  std::optional<std::size_t> jobs_at_;
  bool version_seen_ = false, defaults_seen_ = false, waiting_ = false, again_ = false, jobs_wrong_ = false;
};

}  // namespace

FindFile files_below(std::filesystem::path folder) {
  return [folder = std::move(folder)](std::string const& written) { return FoundFile{folder / written, {}}; };
}

ManifestHead read_manifest(ManifestSource const& source, Models const& models,
                           std::function<void(ManifestJob)> const& take) {
  return ManifestReader{source, models, take}.read();
}

}  // namespace wanspool
