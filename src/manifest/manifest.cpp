#include "manifest/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "manifest/events.h"
#include "manifest/expansion.h"
#include "manifest/fields.h"
#include "manifest/hints.h"
#include "manifest/keys.h"
#include "manifest/spellings.h"
#include "manifest/terms.h"

namespace wanspool {
namespace {

using namespace yaml;

bool is_part_of_a_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Whether a key of this name may stand in the text at or after `from`.
bool may_hold_key(std::string_view text, std::string_view key, std::size_t from) {
  for (auto at = text.find(key, from); at != std::string_view::npos; at = text.find(key, at + 1)) {
    auto end = at + key.size();
    if (at > 0 && is_part_of_a_word(text[at - 1])) continue;
    if (end < text.size() && (text[end] == '"' || text[end] == '\'')) ++end;
    end = text.find_first_not_of(' ', end);
    if (end != std::string_view::npos && text[end] == ':') return true;
  }
  return false;
}

// What jobs are read with.
constexpr std::array kBefore{"defaults", "let", "overrides", "name"};

class ManifestReader {
 public:
  ManifestReader(ManifestSource const& source, Models const& models,
                 std::function<void(ManifestJob)> const& take)
      : source_{source},
        text_{source.text},
        models_{models},
        currency_{models.empty() ? "" : models.begin()->second.currency},
        complaints_{text_, source.file},
        warnings_{text_, source.file},
        expansion_{{name_, models, source.find, source.look, source.glob, defaults_, overrides_, fragments_,
                    wrong_fragments_, fragments_unknown_, take, head_},
                   source.file,
                   complaints_,
                   warnings_} {
    name_ = default_name();
  }

  ManifestHead read() {
    Listener listener;
    listener.streamed = "jobs";
    listener.pair = [this](Node key, Node value) { take_key(key, std::move(value)); };
    listener.list = [this](Node key) { begin_jobs(key); };
    listener.item = [this](Node node) { take_job(std::move(node)); };
    auto const outcome = read_document(text_, complaints_, listener);
    if (outcome != Outcome::Broken) take_pending();
    // What jobs are read with may stand behind what could not be read.
    if (waiting_ && outcome != Outcome::Broken) read_jobs_again();
    if (outcome == Outcome::Empty)
      complaints_.add_whole("the file is empty; a manifest begins with 'manifest: 1'");
    if (outcome == Outcome::Whole) check_what_is_missing();
    expansion_.find_equal_ones();
    if (complaints_.count() == 0) expansion_.find_sources();
    if (complaints_.count() == 0) warn_of_unused();
    return finish();
  }

 private:
  std::string default_name() const {
    auto const& given = source_.default_name;
    return normal_name(given.empty() ? std::filesystem::path{source_.file}.stem().string() : given);
  }

  // What jobs are read with has to be known before the first of them.
  void take_key(Node const& key, Node value) {
    take_pending();
    auto const keys = keys_of(manifest_keys());
    if (!check_key(View{key}, keys, complaints_)) return take_meant(key, meant_key(View{key}, keys), value);
    bool const again = !seen_.insert(key.text).second;  // has its complaint already
    View const view{value};
    if (!again && jobs_at_ && !waiting_ && std::count(kBefore.begin(), kBefore.end(), key.text) > 0)
      complaints_.add(key.at,
                      fmt::format("write '{}:' above the jobs, or on one line with its ':'", key.text));
    if (again) return;
    if (read_term({View{key}, view}, currency_, head_, complaints_)) return look_at_deadline(key, view);
    if (key.text == "jobs") {
      jobs_at_ = jobs_at_.value_or(key.at);
      jobs_wrong_ = !view.is(Node::Kind::Null);
      if (jobs_wrong_)
        complaints_.add(
            view, fmt::format("jobs is a list of jobs, each beginning with '- id:', not {}", spoken(view)));
    } else {
      take_common(key.text, std::move(value));
    }
  }

  void look_at_deadline(Node const& key, View value) {
    auto const& deadline = head_.terms.deadline;
    if (key.text != "deadline" || !source_.now || deadline == Instant{} || deadline > *source_.now) return;
    warnings_.add(value,
                  "this deadline is past, so that nothing new is bought; write a later one, or take it out");
  }

  // A key is misspelled: what was meant is not missing as well, so that not every job complains of it.
  void take_meant(Node const& key, std::string const& meant, Node& value) {
    if (meant.empty() || seen_.contains(meant)) return;
    meant_.insert(meant);
    if (meant == "jobs")
      jobs_at_ = jobs_at_.value_or(key.at), jobs_wrong_ = true;
    else if (!jobs_at_)
      take_common(meant, std::move(value));
  }

  void take_common(std::string const& key, Node value) {
    View const view{value};
    if (key == "manifest") {
      take_version(view);
    } else if (key == "name") {
      if (auto name = read_name(view, "name", "", complaints_)) name_ = std::move(*name);
    } else if (key == "let") {
      take_fragments(view);
    } else if (key == "defaults") {
      defaults_node_ = std::move(value);
      defaults_ = Defaults{defaults_node_, models_, complaints_};
    } else if (key == "overrides") {
      overrides_node_ = std::move(value);
      overrides_ = Overrides{overrides_node_, models_, complaints_};
    }
  }

  void take_version(View value) {
    if (plain_integer(value) == 1) return;
    complaints_.add(value, fmt::format("this program reads 'manifest: 1', not {}", spoken(value)));
  }

  void take_fragments(View map) {
    if (map.is(Node::Kind::Null)) return;
    if (!map.is(Node::Kind::Map)) {
      fragments_unknown_ = true;
      complaints_.add(map, fmt::format("let is a map of names to texts, not {}", spoken(map)));
      return;
    }
    for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
      fragments_[map[i].text()] = map[i + 1].node();
      fragments_at_[map[i].text()] = map[i].at();
      is_uncut(map[i + 1], "a fragment", complaints_);
      if (map[i + 1].is(Node::Kind::Scalar)) continue;
      wrong_fragments_.insert(map[i].text());
      complaints_.add(map[i + 1], fmt::format("a fragment is a text, not {}", spoken(map[i + 1])));
    }
  }

  // What jobs are read with may stand below them: then they are passed over and the text is read a second
  // time.
  void begin_jobs(Node const& key) {
    take_pending();
    again_ = jobs_at_.has_value();  // a second list has its complaint already
    jobs_at_ = jobs_at_.value_or(key.at);
    for (auto const* const each : kBefore)
      waiting_ = waiting_ || (!seen_.contains(each) && may_hold_key(text_.bytes(), each, key.at));
  }

  // A job is looked at when the next thing has been read: the last one before a mistake in the YAML may lack
  // what stands behind the mistake.
  void take_job(Node node) {
    take_pending();
    if (!waiting_ && !again_) pending_ = std::move(node);
  }

  void take_pending() {
    if (!pending_) return;
    auto const node = std::exchange(pending_, std::nullopt);
    expansion_.expand(*node, ++jobs_);
  }

  void read_jobs_again() {
    waiting_ = false;
    bool first = true;
    Listener listener;
    listener.streamed = "jobs";
    listener.list = [&](Node const&) { again_ = !std::exchange(first, false); };
    listener.item = [this](Node node) { take_job(std::move(node)); };
    read_document(text_, complaints_, listener);
    take_pending();
  }

  void warn_of_unused() {
    overrides_.warn_of_unused(warnings_);
    if (fragments_.empty()) return;
    auto names = expansion_.names_in_files();
    add_placeholder_names(text_.bytes(), names);
    for (auto const& [name, at] : fragments_at_)
      if (!names.contains(name))
        warnings_.add(at, fmt::format("no text uses this; write ${{{}}} where it should stand", name));
  }

  void check_what_is_missing() {
    if (!seen_.contains("manifest") && !meant_.contains("manifest"))
      complaints_.add(0, "a manifest begins with 'manifest: 1'");
    if (!jobs_at_) complaints_.add_whole("this manifest has no 'jobs'");
    if (jobs_at_ && jobs_ == 0 && !jobs_wrong_)
      complaints_.add(*jobs_at_, "jobs is empty; a manifest wants at least one job");
    if (jobs_ > 0 && head_.jobs == 0 && complaints_.count() == 0)
      complaints_.add(*jobs_at_,
                      "nothing is left of these jobs; look at 'exclude', and at the rows that are skipped");
  }

  ManifestHead finish() {
    if (name_.empty() && complaints_.count() == 0)
      complaints_.add_whole("no name can be made of this file's name; write one: 'name: …'");
    head_.name = name_;
    head_.complaints = complaints_.take();
    head_.warnings = warnings_.take();
    return std::move(head_);
  }

  ManifestSource const& source_;
  Text text_;
  Models const& models_;
  std::string currency_;
  Complaints complaints_, warnings_;
  std::string name_;
  std::set<std::string> seen_, meant_;
  std::map<std::string, Node, std::less<>> fragments_;
  std::map<std::string, std::size_t> fragments_at_;
  std::set<std::string, std::less<>> wrong_fragments_;
  bool fragments_unknown_ = false;
  Node defaults_node_, overrides_node_;
  Defaults defaults_;
  Overrides overrides_;
  ManifestHead head_;
  Expansion expansion_;
  std::size_t jobs_ = 0;  // as written
  std::optional<Node> pending_;
  std::optional<std::size_t> jobs_at_;
  bool waiting_ = false, again_ = false, jobs_wrong_ = false;
};

}  // namespace

FindFile files_below(std::filesystem::path folder) {
  return [folder = std::move(folder)](std::string const& written) {
    std::error_code ignored;
    for (auto const& name : spellings(written))
      if (std::filesystem::exists(folder / name, ignored)) return FoundFile{folder / name, {}};
    return FoundFile{folder / written, {}};
  };
}

ManifestHead read_manifest(ManifestSource const& source, Models const& models,
                           std::function<void(ManifestJob)> const& take) {
  return ManifestReader{source, models, take}.read();
}

}  // namespace wanspool
