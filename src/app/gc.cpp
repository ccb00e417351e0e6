#include "app/gc.h"

#include <algorithm>
#include <functional>

#include "app/rows.h"
#include "core/input_names.h"
#include "engine/metadata.h"
#include "provider/provider.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNotedAtOnce = 256;
constexpr std::size_t kSumSize = 64;

std::string first_part(std::string const& below) {
  return below.substr(0, below.find('/'));
}

bool is_sum(std::string_view text) {
  return text.size() == kSumSize && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// SHA256.EXT
bool is_input(std::string_view name) {
  return name.size() > kSumSize + 1 && is_sum(name.substr(0, kSumSize)) && name[kSumSize] == '.';
}

std::array<char, 16> digest_of(std::string_view name) {
  std::array<char, 16> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<char>(std::stoi(std::string{name.substr(2 * i, 2)}, nullptr, 16));
  return digest;
}

// When a file became what it is. An older picture has the time at which it was fetched, and got its name in
// old/ when a newer one came.
Instant time_of(Kind kind, SeenFile const& file) {
  return kind == Kind::Files ? file.written : file.changed;
}

// How much of what age there is, to the minute: a million files are a few thousand of these.
class Ages {
 public:
  void add(Instant at, SeenFile const& file) {
    auto& its = by_minute_[std::chrono::floor<minutes>(at)];
    ++its.files;
    its.bytes += file.bytes;
  }
  // The oldest go, as long as more than `keep` of `all` is left.
  void choose(std::int64_t all, std::int64_t keep, Instant before, GcFinding& finding) const {
    for (auto const& [minute, its] : by_minute_) {
      if (keep > 0 && all - finding.go_bytes <= keep) break;
      finding.go_files += its.files;
      finding.go_bytes += its.bytes;
      finding.cutoff = std::min(Instant{minute} + minutes{1}, before);
    }
  }

 private:
  struct Sum {
    std::int64_t files = 0, bytes = 0;
  };
  std::map<std::chrono::sys_time<minutes>, Sum> by_minute_;
};

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Old:
      return "old";
    case Kind::Orphans:
      return "orphans";
    case Kind::Files:
      return "files";
    case Kind::Pictures:
      return "pictures";
  }
  return "";
}

fs::path const& Gc::root_of(Kind kind) const {
  switch (kind) {
    case Kind::Old:
      return spool_.old;
    case Kind::Orphans:
      return spool_.orphans;
    case Kind::Files:
      return spool_.files;
    case Kind::Pictures:
      break;
  }
  return spool_.out;
}

void Gc::read_uses() {
  uses_ = house_.uses();
  rests_.clear();
  read_orphans();
  read_inputs();
}

// What a person may still choose for a job in doubt stays, and what an adopted one is about to get.
void Gc::read_orphans() {
  orphans_.clear();
  for (auto const& [task_id, is_wanted] : uses_.adoptions)
    orphans_[spool_.orphan_folder(task_id).filename().string()].may_go = !is_wanted;
  reader_.orphans([&](Task const& task) {
    auto& orphan = orphans_[spool_.orphan_folder(task.task_id).filename().string()];
    orphan.may_go = is_final(task.state) && !uses_.candidates.contains(task.id);
    for (auto const& each : task.pictures)
      if (!each.file.empty()) orphan.sums[each.file] = each.sha256;
    return true;
  });
}

void Gc::read_inputs() {
  inputs_.clear();
  auto const keep = [&](std::string_view name) {
    if (is_input(name)) inputs_.push_back(digest_of(name));
  };
  house_.bodies_in_need(wishes_.of(Kind::Files).value_or(now_), [&](std::string const& body) {
    for (auto const& input : provider::inputs_of(body)) {
      if (auto const name = file_of_picture(input); !name.empty())
        keep(name);
      else
        keep(house_.fetched(input));
    }
  });
  std::sort(inputs_.begin(), inputs_.end());
  inputs_.erase(std::unique(inputs_.begin(), inputs_.end()), inputs_.end());
}

// Where all jobs of a manifest are over nothing is on its way from one place to another.
bool Gc::rests(std::string const& manifest) {
  auto const known = rests_.find(manifest);
  if (known != rests_.end()) return known->second;
  return rests_[manifest] = house_.census(manifest, 0).is_over();
}

// What somebody else has put there is not ours to judge.
bool Gc::is_ours(Kind kind, std::string const& below) const {
  if (kind == Kind::Orphans) return orphans_.contains(first_part(below));
  if (kind == Kind::Files) return is_input(below);
  return true;
}

bool Gc::is_needed(Kind kind, std::string const& below) {
  if (kind == Kind::Orphans) return !orphans_.at(first_part(below)).may_go;
  if (kind == Kind::Files) return std::binary_search(inputs_.begin(), inputs_.end(), digest_of(below));
  auto const manifest = first_part(below);
  if (uses_.manifests.contains(manifest)) return true;
  return below.starts_with(manifest + "/.displaced/") && !rests(manifest);
}

std::vector<GcFinding> Gc::survey() {
  read_uses();
  std::vector<GcFinding> findings;
  for (auto const kind : {Kind::Old, Kind::Orphans, Kind::Files}) findings.push_back(survey(kind));
  if (wishes_.of(Kind::Pictures)) findings.push_back(survey(Kind::Pictures));
  return findings;
}

GcFinding Gc::survey(Kind kind) {
  GcFinding finding;
  finding.kind = kind;
  Ages ages;
  std::int64_t may_go = 0;
  auto const before = wishes_.of(kind);
  auto const count = [&](SeenFile const& file, bool needed) {
    ++finding.files;
    finding.bytes += file.bytes;
    finding.needed += needed;
    if (needed) return;
    may_go += file.bytes;
    auto const at = time_of(kind, file);
    if (finding.oldest == Instant{} || at < finding.oldest) finding.oldest = at;
    if (before && at < *before) ages.add(at, file);
  };
  Sweep sweep{root_of(kind)};
  if (kind == Kind::Pictures)
    each_picture([&](Candidate const& each) {
      if (sweep.is_there(each.below, each.bytes))
        count({each.bytes, each.bytes, each.at, each.at}, uses_.manifests.contains(first_part(each.below)));
    });
  else
    sweep.run([&](std::string const& below, SeenFile const& file) {
      if (is_ours(kind, below)) count(file, is_needed(kind, below));
      return false;
    });
  if (before) ages.choose(may_go, wishes_.keep, *before, finding);
  return finding;
}

std::vector<Swept> Gc::remove(std::vector<GcFinding> const& findings) {
  read_uses();
  std::vector<Swept> swept;
  for (auto const& each : findings)
    swept.push_back(each.go_files == 0            ? Swept{}
                    : each.kind == Kind::Pictures ? remove_pictures(each)
                                                  : remove(each));
  return swept;
}

Swept Gc::remove(GcFinding const& finding) {
  RemovedLog log{spool_};
  Sweep sweep{root_of(finding.kind)};
  auto const kind = finding.kind;
  auto const visit = [&](std::string const& below, SeenFile const& file) {
    bool const goes = time_of(kind, file) < finding.cutoff && is_ours(kind, below) && !is_needed(kind, below);
    if (goes && kind == Kind::Orphans) note_orphan(below, log);
    return goes;
  };
  sweep.run(visit, kind == Kind::Files ? Instant{} : finding.cutoff);
  return sweep.swept();
}

void Gc::note_orphan(std::string const& below, RemovedLog& log) {
  auto const folder = first_part(below);
  auto const& sums = orphans_.at(folder).sums;
  auto const picture = below.size() > folder.size() ? sums.find(below.substr(folder.size() + 1)) : sums.end();
  if (picture == sums.end()) return;
  log.add(spool_.orphans / below, picture->second, 0, now_);
  log.write();
}

// Of jobs that are over; what was bought for another job lies in its folder, and is told of there.
void Gc::each_picture(std::function<void(Candidate const&)> const& take) {
  for (auto const& manifest : wishes_.manifests)
    reader_.jobs(manifest, [&](JobRow const& row) {
      bool const over = row.task.state == State::Done || row.task.state == State::Failed;
      if (!over || !has_its_pictures(row)) return true;
      auto const job = current_job(reader_, row);
      auto const take_all = [&](Task const& task) {
        if (!is_final(task.state)) return;
        for (auto const& picture : task.pictures) {
          if (picture.file.empty()) continue;
          auto const path = picture_path(row, task, picture, spool_);
          take({path.lexically_relative(spool_.out).string(), picture.sha256, picture.bytes,
                std::max(task.times.done, task.times.queued)});
        }
      };
      take_all(job.row.task);
      for (auto const& refill : job.refills) take_all(refill);
      return true;
    });
}

Swept Gc::remove_pictures(GcFinding const& finding) {
  RemovedLog log{spool_};
  Sweep sweep{spool_.out};
  std::vector<Candidate> noted;
  auto const remove_noted = [&] {
    log.write();
    for (auto const& each : noted) sweep.remove(each.below, each.bytes);
    noted.clear();
  };
  each_picture([&](Candidate const& each) {
    bool const goes = each.at < finding.cutoff && !uses_.manifests.contains(first_part(each.below)) &&
                      sweep.is_there(each.below, each.bytes);
    if (!goes) return;
    log.add(spool_.out / each.below, each.sha256, each.bytes, now_);
    noted.push_back(each);
    if (noted.size() >= kNotedAtOnce) remove_noted();
  });
  remove_noted();
  return sweep.swept();
}

}  // namespace wanspool::app
