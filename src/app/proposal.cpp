#include "app/proposal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>
#include <system_error>
#include <unordered_set>

#include "app/exit.h"
#include "app/lanes.h"
#include "base/days.h"
#include "base/time.h"
#include "core/regions.h"
#include "engine/chains.h"
#include "engine/expand.h"
#include "engine/inbox_names.h"
#include "engine/local_pictures.h"
#include "store/glance.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

// Jobs that are looked at to learn how long tasks take here.
constexpr int kLookedAt = 2000;
// Selected jobs that are told by their names.
constexpr std::size_t kPickedMost = 100'000;

std::string const kNoFile = "there is no such file";

bool is_there(fs::path const& file) {
  std::error_code ignored;
  return fs::status(file, ignored).type() != fs::file_type::not_found;
}

// What the inbox would not look at, said before somebody waits for it.
std::string wrong_name(fs::path const& file) {
  auto const name = file.filename().string();
  auto const ending = file.extension();
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    return "is a folder without a manifest.yaml; give the manifest file itself";
  if (auto const why = why_ignored(name); !why.empty())
    return fmt::format("has a {}, which the inbox leaves alone; give it another one", why);
  if (ending == ".yaml" || ending == ".yml" || ending == ".json") return {};
  return "is not a manifest by its name; manifests end in .yaml, .yml or .json";
}

// How long the tasks of a model have lately taken, by what the queue remembers.
using Services = std::map<std::string, milliseconds>;

Services services_in(Reader& reader) {
  std::map<std::string, std::vector<milliseconds>> seen;
  int left = kLookedAt;
  reader.jobs("", [&](JobRow const& row) {
    auto const& times = row.task.times;
    if (times.accepted != Instant{} && times.finished > times.accepted && !row.task.adopted)
      seen[row.task.model].push_back(times.finished - times.accepted);
    return --left > 0;
  });
  Services services;
  for (auto& [model, lengths] : seen) {
    auto const middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    services[model] = *middle;
  }
  return services;
}

// Judges where there is no queue: all is new, and equal requests are bought once.
class Blank final : public Comparison {
 public:
  Judgement judge(NewJob const& job) override {
    Judgement judged;
    judged.buys = seen_.insert(std::stoull(job.fingerprint.substr(0, 16), nullptr, 16)).second;
    return judged;
  }

 private:
  std::unordered_set<unsigned long long> seen_;  // of a million jobs whole fingerprints would be 100 MB
};

class Proposer {
 public:
  Proposer(Proposal& result, Proposing const& how, Reader* reader)
      : result_{result}, plan_{result.plan}, how_{how}, reader_{reader} {}

  void read(std::string const& text, std::string const& name, Instant now) {
    now_ = now;
    ManifestSource const source{text, result_.file, name, recording(result_.find), looking(), now, listing()};
    // The comparison wants the manifest's name, which may stand at the end of its text; and nothing is told
    // of a manifest that is wrong.
    if (reader_ || how_.each || !how_.selection.all())
      result_.head = read_manifest(source, how_.context.models, [](ManifestJob const&) {});
    if (!result_.ok()) return add_names();
    auto const all = result_.head.jobs;
    single_is_default_ = text.find("max_images") == std::string::npos;
    look_at_the_queue();
    auto head = read_rows_of(source);
    if (head.sources != result_.head.sources) {  // nobody has read it before, and rows want to know them
      plan_ = {};
      plan_.currency = how_.context.currency();
      plan_.region = how_.context.region;
      result_.head = std::move(head);
      look_at_the_queue();
      head = read_rows_of(source);
    }
    result_.head = std::move(head);
    if (how_.selection.all())
      add_gone();
    else
      plan_.part_of = all;
    add_names();
    finish(now);
  }

 private:
  ManifestHead read_rows_of(ManifestSource const& source) {
    Chains chains{result_.head.sources, [&](std::string const& job, std::string const& asked) {
                    return reader_ ? reader_->bought_for(result_.head.name, job, asked) : std::string{};
                  }};
    auto const is_known = !result_.head.sources.empty();
    return read_rows(source, how_.context.models, how_.context.region, how_.selection,
                     [&](NewJob const& row) {
                       if (!is_known && !row.sources.empty()) return;
                       chains.add(row, [&](NewJob&& job) {
                         note(job);
                         take(job);
                       });
                     });
  }
  FindFile recording(FindFile find) {
    return [this, find = std::move(find)](std::string const& written) {
      if (seen_.insert(written).second) named_.push_back(written);
      last_ = written;
      return find(written);
    };
  }

  // A picture is looked at when it has just been found, under its written name.
  LookAtPicture looking() {
    return [this](FoundFile const& file) {
      auto picture = pictures_.look(file);
      if (picture.why_not.empty())
        written_as_[picture.name].insert(last_);
      else
        result_.without[last_] = picture.why_not;
      return picture;
    };
  }

  // Once for each pattern: all passes, and whoever gets the manifest, mean the same files.
  FindFiles listing() {
    auto const folder = result_.manifest.parent_path();
    return [this, find = globs_below(folder.empty() ? fs::path{"."} : folder)](std::string const& pattern) {
      if (auto const known = result_.globs.find(pattern); known != result_.globs.end())
        return FoundFiles{known->second};
      auto found = find(pattern);
      if (found.why_not.empty())
        result_.globs[pattern] = found.names;
      else
        result_.without[pattern] = found.why_not;
      return found;
    };
  }

  // Of a part of the jobs only their own pictures go along; the part is then told by names, for whoever reads
  // it there cannot judge the other pictures.
  void add_names() {
    std::set<std::string> left_out;
    if (!how_.selection.all() && result_.ok() && picked_.only.size() <= kPickedMost) {
      for (auto const& [name, all_written] : written_as_)
        if (!wanted_.contains(name)) left_out.insert(all_written.begin(), all_written.end());
      if (!left_out.empty()) result_.picked = std::move(picked_);
    }
    for (auto const& written : named_)
      if (!left_out.contains(written) && !result_.without.contains(written) && can_go_along(written))
        result_.names.push_back(written);
  }

  // Whoever gets a wrong manifest is to find the same mistakes.
  bool can_go_along(std::string const& written) {
    std::error_code ignored;
    if (result_.ok() || fs::is_regular_file(result_.find(written).path, ignored)) return true;
    result_.without[written] = "there is no such file";
    return false;
  }

  void note(NewJob const& job) {
    if (how_.selection.all() || picked_.only.size() > kPickedMost) return;
    picked_.only.push_back(result_.head.name + "/" + job.name);
    for (auto& name : local_pictures_in(job.body)) wanted_.insert(std::move(name));
  }

  void look_at_the_queue() {
    comparison_ = reader_ ? reader_->compare(result_.head.name) : std::make_unique<Blank>();
    if (!reader_) return;
    plan_.spent = reader_->spent_by(result_.head.name);
    plan_.waiting.price_most = plan_.spent.waiting;
    plan_.waiting.most = plan_.spent.to_come;
    services_ = services_in(*reader_);
    // What is paused, or at a cap, lets this pass.
    ahead_.clear();
    for (auto const& lane : lane_facts(*reader_, how_.context, now_))
      ahead_[lane.row.model] += lane.outstanding + lane.waiting - lane.capped;
  }

  Lane& lane_of(std::string const& model) {
    auto const [found, is_new] = plan_.lanes.try_emplace(model);
    auto& lane = found->second;
    if (!is_new) return lane;
    auto const& context = how_.context;
    auto const& row = context.models.at(model);
    lane.picture = row.price_in(context.region);
    lane.price_date = row.price_date;
    lane.is_listed = row.is_priced_in(context.region) || find_region(context.region) == nullptr;
    lane.pace.limits = limits_of(row, context.region, context.config);
    if (auto const known = services_.find(model); known != services_.end()) lane.pace.service = known->second;
    lane.pace.ahead = ahead_[model];
    return lane;
  }

  void take(NewJob const& job) {
    auto const judged = comparison_->judge(job);
    auto const change = change_of(judged);
    plan_.changes[static_cast<std::size_t>(change)].add(job);
    auto& lane = lane_of(job.model);
    if (change == Change::Same) {
      ++plan_.same[static_cast<std::size_t>(judged.state)];
      return;
    }
    if (reader_ && change == Change::Changed && judged.state == State::Queued)
      if (auto const row = reader_->job(result_.head.name, job.name)) leave(*row);
    plan_.again += judged.kind == Judgement::Kind::Again;
    plan_.shared += !judged.buys;
    if (judged.buys) buy(job, lane);
    if (how_.each)
      how_.each(
          {change, result_.head.name + "/" + job.name, judged.buys, job.wanted, job.price * job.wanted});
  }

  // What waits for a job that does not want it any more is never bought in its name.
  void leave(JobRow const& row) {
    auto const& task = row.task;
    if (task.state != State::Queued || task.name != row.manifest + "/" + row.job) return;
    plan_.waiting.price_most -= task.price * task.wanted;
    plan_.waiting.most -= task.wanted;
  }

  void buy(NewJob const& job, Lane& lane) {
    lane.buys.add(job);
    bool const interleaved = job.body.find(R"("enable_interleave":true)") != std::string::npos;
    if (!interleaved && job.wanted > 1) ++plan_.several[job.wanted];
    plan_.single += interleaved && job.wanted == 1 && single_is_default_;
  }

  void add_gone() {
    if (!reader_) return;
    reader_->gone(*comparison_, [&](JobRow const& row) {
      auto const& task = row.task;
      auto& gone = plan_.changes[static_cast<std::size_t>(Change::Gone)];
      auto const price = task.price * task.wanted;
      ++gone.jobs;
      gone.most += task.wanted;
      gone.least += task.wanted;
      gone.price_most += price;
      gone.price_least += price;
      ++plan_.gone[static_cast<std::size_t>(task.state)];
      leave(row);
      if (how_.each) how_.each({Change::Gone, row.manifest + "/" + row.job, false, task.wanted, price});
      return true;
    });
  }

  void finish(Instant now) {
    auto const& head = result_.head;
    plan_.left_out = static_cast<std::int64_t>(head.bad_rows.size());
    plan_.budget = head.terms.budget;
    plan_.deadline = head.deadline_after ? now + *head.deadline_after : head.terms.deadline;
    if (!how_.context.config.caps.empty()) plan_.cap = cap_of(now);
  }

  std::optional<Stop> cap_of(Instant now) {
    auto const& context = how_.context;
    auto spent = reader_ ? open_glance(context.spool.database)->counted_on(day_of(now)) : Spent{};
    spent.day_ends = day_end(now);
    spent.month_ends = month_end(now);
    auto const owner = reader_ ? reader_->owner_of(result_.head.name) : std::nullopt;
    return cap_met(plan_, context.config.caps, spent, context.account_names(), owner.value_or(::getuid()));
  }

  Proposal& result_;
  Plan& plan_;
  Proposing const& how_;
  Reader* reader_;
  std::unique_ptr<Comparison> comparison_;
  LocalPictures pictures_;
  std::set<std::string> seen_;
  std::vector<std::string> named_;                           // files, in the order in which they are named
  std::string last_;                                         // of these
  std::map<std::string, std::set<std::string>> written_as_;  // each good picture's paths
  std::set<std::string> wanted_;                             // pictures of the selected jobs
  Selection picked_;                                         // these jobs
  Services services_;
  std::map<std::string, std::int64_t> ahead_;  // by model
  Instant now_;
  bool single_is_default_ = false;
};

// A file that is only called manifest.yaml goes by its folder.
std::string own_name(fs::path const& manifest) {
  auto const whole = fs::absolute(manifest).lexically_normal();
  auto const file = whole.filename();
  return (file == "manifest.yaml" ? whole.parent_path().filename() / file : file).string();
}

// What a manifest without a `name` is called.
std::string default_name(fs::path const& named) {
  return named.has_parent_path() ? named.parent_path().string() : named.stem().string();
}

}  // namespace

Proposal propose(std::string const& file, Proposing const& how, Reader* reader, Instant now) {
  Proposal result;
  result.file = file;
  result.plan.currency = how.context.currency();
  result.plan.region = how.context.region;
  fs::path const path{file};
  bool const bundled = is_bundle(path);
  result.manifest = bundled ? path / "manifest.yaml" : path;
  result.own_name = own_name(result.manifest);
  auto const refuse = [&](std::string const& words) {
    result.head.complaints.push_back({file, 0, 0, words});
  };
  if (!is_there(path)) return refuse(kNoFile), result;
  if (auto const wrong = bundled ? "" : wrong_name(path); !wrong.empty()) return refuse(wrong), result;
  try {
    auto const folder = result.manifest.parent_path();
    result.find = files_below(folder.empty() ? fs::path{"."} : folder);
    Proposer{result, how, reader}.read(manifest_text(result.manifest), default_name(result.own_name), now);
  } catch (StoreBroken const&) {
    throw;
  } catch (std::runtime_error const& error) {
    refuse(error.what());
  }
  return result;
}

std::vector<Proposal> propose_all(std::vector<std::string> const& files, Proposing const& how) {
  auto const& spool = how.context.spool;
  auto const reader = spool.root.empty() ? nullptr : reader_of(spool);
  auto const now = BootClock{}.now();
  std::vector<Proposal> proposals;
  for (auto const& file : files) proposals.push_back(propose(file, how, reader.get(), now));
  return proposals;
}

void refuse_missing(std::vector<std::string> const& files) {
  bool good = true;
  for (auto const& file : files) {
    std::error_code ignored;
    auto const why = !is_there(file)                                       ? kNoFile
                     : fs::is_directory(file, ignored) && !is_bundle(file) ? wrong_name(file)
                                                                           : std::string{};
    if (why.empty()) continue;
    std::fprintf(stderr, "%s\n", Complaint{file, 0, 0, why}.str().c_str());
    good = false;
  }
  if (!good) throw Quit{kWrong, "nothing was bought"};
}

bool tell_complaints(Proposal const& proposal) {
  for (auto const& each : proposal.head.complaints) std::fprintf(stderr, "%s\n", each.str().c_str());
  return proposal.ok();
}

bool tell_complaints(std::vector<Proposal> const& proposals) {
  bool good = true;
  for (auto const& each : proposals) good = tell_complaints(each) && good;
  return good;
}

std::vector<std::string> warnings_of(Proposal const& proposal) {
  std::vector<std::string> lines;
  for (auto const& each : proposal.head.warnings) lines.push_back(each.as_warning());
  for (auto const& each : proposal.head.bad_rows)
    lines.push_back(
        Complaint{each.file, each.line, 0, each.key.empty() ? each.text : each.key + ": " + each.text}
            .as_warning() +
        "; left out");
  for (auto const& each : surprises(proposal.plan)) lines.push_back(proposal.file + ": warning: " + each);
  return lines;
}

}  // namespace wanspool::app
