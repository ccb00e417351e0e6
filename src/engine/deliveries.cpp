#include "engine/deliveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "engine/older.h"
#include "engine/output.h"
#include "engine/paths.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kAtOnce = 8;
constexpr milliseconds kAgain{5000};

// One picture on its way: where its bytes may lie, and what it is called for whoever gets it.
struct Parcel {
  std::vector<fs::path> from;
  Picture wanted;
};

// Everything a worker needs, and nothing that the wheel may change meanwhile.
struct Delivery {
  fs::path from, to, old_to, displaced;
  std::vector<Parcel> parcels;
  std::vector<std::string> links_from, links_to;  // of the document
  std::set<fs::path> others;  // pictures of jobs that share the purchase, which are not ours to remove
  std::string story;
};

// Throws std::system_error where it cannot be put there, std::runtime_error where it cannot be had.
fs::path copy(Delivery const& errand, Parcel const& parcel) {
  auto const to = (errand.to / parcel.wanted.file).lexically_normal();
  auto const from = first_with_sum(parcel.from, parcel.wanted.sha256);
  if (from.empty()) throw std::runtime_error{parcel.from.front().string() + " is gone"};
  if (from == to) return to;
  auto wanted = parcel.wanted;
  wanted.bytes = 0;
  PictureSink sink{errand.to, errand.old_to, wanted, errand.displaced};
  if (!copy_picture(from, sink)) {
    auto const complaint = sink.complaint();
    sink.discard();
    // It was there a moment ago: whatever has taken its place has put it elsewhere.
    throw std::system_error{std::make_error_code(std::errc::resource_unavailable_try_again),
                            from.string() + ": " + complaint};
  }
  auto const news = sink.finish();
  if (auto const* missed = std::get_if<news::PictureMissed>(&news))
    throw std::system_error{std::make_error_code(std::errc::no_space_on_device), missed->trouble.message};
  return to;
}

// What the story of before names elsewhere is in its new place by now. The story is told anew only after
// this, so that a crash in between finds the old places again.
void leave_older_places(Delivery const& errand, std::vector<fs::path> const& now_at) {
  auto const told = errand.to / "result.json";
  if (older_key(told) != key_of_story(errand.story)) return;  // of another purchase: store_story() keeps it
  for (auto const& each : pictures_told(told)) {
    auto const path = (errand.to / each.file).lexically_normal();
    bool const is_needed =
        errand.others.contains(path) || std::find(now_at.begin(), now_at.end(), path) != now_at.end();
    if (!is_needed) take_away(path, each.sha256);
  }
}

void run(Delivery const& errand, std::vector<fs::path>& copied) {
  std::set<std::string> files;
  for (auto const& parcel : errand.parcels) {
    copied.push_back(copy(errand, parcel));
    files.insert(parcel.wanted.file);
  }
  leave_older_places(errand, copied);
  std::error_code ignored;
  auto const document = errand.from / "document.md";
  auto const text = fs::exists(document, ignored) ? read_file(document) : std::string{};
  store_story(errand.to, errand.old_to, with_links(text, errand.links_from, errand.links_to), errand.story,
              files);
  // What was displaced stays in old/: another job may still look for the same bytes there.
}

// The family as the job has it.
std::vector<Task> held_by(std::string const& name, std::string const& place, std::vector<Task> family) {
  for (auto& task : family) {
    PicturePaths const paths{name, place, task};
    task.name = name;
    task.place = place;
    for (auto& picture : task.pictures)
      if (!picture.file.empty()) picture.file = paths.file(picture.number);
  }
  return family;
}

}  // namespace

std::set<fs::path> Deliveries::places_of_others(Undelivered const& job) {
  std::set<fs::path> places;
  auto const family = safe_pictures(outside_.family(job.task));
  for (auto const& name : store_.jobs_of(job.task.id)) {
    auto const row = name == job.name ? std::nullopt : store_.job(manifest_of(name), job_of(name));
    if (!row) continue;
    for (auto const& picture : family)
      places.insert(spool_.out / below_out(name, file_of(*row, job.task, picture)));
  }
  return places;
}

// Two jobs that share a purchase may change places: nothing is removed while the other one still looks.
bool Deliveries::must_wait(UnderWay const& job) const {
  return std::any_of(under_way_.begin(), under_way_.end(), [&](auto const& each) {
    return each.second.task == job.task && (each.second.placed || job.placed);
  });
}

void Deliveries::step(Instant now) {
  if (!may_be_some_ || now < retry_ || under_way_.size() >= kAtOnce) return;
  auto const jobs = store_.undelivered(under_way_.size() + kAtOnce);
  may_be_some_ = jobs.size() >= under_way_.size() + kAtOnce;
  for (auto const& job : jobs) {
    if (under_way_.contains(job.job)) continue;
    UnderWay const its{job.name, job.task.id, !job.place.empty() || !job.task.place.empty()};
    if (must_wait(its)) {
      some_wait_ = true;
      continue;
    }
    under_way_.emplace(job.job, its);
    deliver(job, now);
  }
  // Only an end of one of these makes a difference for those that wait.
  if (some_wait_) may_be_some_ = false;
}

Instant Deliveries::next_step(Instant now) const {
  return may_be_some_ && under_way_.size() < kAtOnce ? std::max(now, retry_) : Instant::max();
}

void Deliveries::deliver(Undelivered const& job, Instant now) {
  auto const story = outside_.story(job.task);
  auto const bought = outside_.family(job.task);
  auto const held = held_by(job.name, job.place, bought);
  auto const pictures = safe_pictures(bought), wanted = safe_pictures(held);
  Delivery errand;
  try {
    errand.from = spool_.job_folder(job.task.name);
    errand.to = spool_.job_folder(job.name);
    errand.old_to = spool_.old_folder(job.name);
    errand.displaced = spool_.displaced_folder(job.name);
    errand.others = places_of_others(job);
    auto const old_from = spool_.old_folder(job.task.name) / story.fingerprint.substr(0, 12);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      auto const at = spool_.picture_path(job.task.name, pictures[i].file);
      errand.parcels.push_back({{spool_.picture_path(job.name, wanted[i].file), at, old_from / at.filename(),
                                 displaced_file(spool_.displaced_folder(job.task.name), pictures[i].sha256)},
                                wanted[i]});
      errand.links_from.push_back(pictures[i].file);
      errand.links_to.push_back(wanted[i].file);
    }
  } catch (std::system_error const& error) {
    return ended(job.job, error.what(), now);
  }
  errand.story = result_json(held.front(), story, held);
  auto const moved = job.name == job.task.name && wanted != pictures ? held : std::vector<Task>{};
  workers_.submit([this, job, moved, errand = std::move(errand), now]() -> Workers::After {
    std::vector<fs::path> copied;
    std::string trouble, loss;
    try {
      run(errand, copied);
    } catch (std::system_error const& error) {
      trouble = trouble_of(error).message;
    } catch (std::runtime_error const& error) {
      loss = error.what();
    }
    return [this, job, moved, copied, trouble, loss, now, wanted = errand.parcels.size()] {
      for (auto const& path : copied) outside_.tell(path);
      // Nothing brings back what somebody took away; `verify` names it until it is bought again.
      if (!loss.empty()) log::warning("{} gets no copy of its pictures: {}", job.name, loss);
      bool const more = safe_pictures(outside_.family(job.task)).size() > wanted;
      if (trouble.empty() && !more && loss.empty()) moved_.insert(moved_.end(), moved.begin(), moved.end());
      ended(job.job, more ? "a refill has come meanwhile" : trouble, now);
    };
  });
}

void Deliveries::ended(std::int64_t job, std::string const& trouble, Instant now) {
  if (trouble.empty()) {
    done_.push_back(job);
    return;
  }
  log::warning("copies of bought pictures wait: {}", trouble);
  under_way_.erase(job);
  may_be_some_ = true;
  retry_ = now + kAgain;
}

std::vector<std::int64_t> Deliveries::take_done() {
  return std::exchange(done_, {});
}

std::vector<Task> Deliveries::take_moved() {
  return std::exchange(moved_, {});
}

void Deliveries::give_back(std::vector<std::int64_t> const& jobs, std::vector<Task> const& moved) {
  done_.insert(done_.end(), jobs.begin(), jobs.end());
  moved_.insert(moved_.end(), moved.begin(), moved.end());
}

std::vector<std::string> Deliveries::committed(std::vector<std::int64_t> const& jobs) {
  std::vector<std::string> names;
  for (auto const job : jobs)
    if (auto const found = under_way_.find(job); found != under_way_.end()) {
      names.push_back(found->second.name);
      under_way_.erase(found);
    }
  if (!jobs.empty() && std::exchange(some_wait_, false)) may_be_some_ = true;
  return names;
}

}  // namespace wanspool
